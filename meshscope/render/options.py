"""A Selection as the options of the command line that set it."""

from __future__ import annotations


def option_of(field: str) -> str:
    """The option that sets a field of a Selection."""
    return {"labels": "-l", "namespace": "-n"}.get(field, f"--{field}")


def options_text(filters: tuple[tuple[str, str], ...]) -> str:
    """The filters of a Selection as they are typed: `--proxy reviews --port 9080`; "" for none."""
    return " ".join(f"{option_of(field)} {value}" for field, value in filters)
