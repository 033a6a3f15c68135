"""Write docs/modelled.md: which HTTP filters a trace decides, how far, and what it takes the rest for.

uv run python scripts/make_modelled.py            writes
uv run python scripts/make_modelled.py --check    exit 1 where the file differs from the table it is made of
"""

from __future__ import annotations

import sys
from pathlib import Path

from meshscope.simulation.http_filters.models import EXACTLY, MODELS, NOT_KNOWN, PARTLY, PASSES, UNKNOWN

FILE = Path(__file__).resolve().parent.parent / "docs" / "modelled.md"
_SECTIONS = (
    (EXACTLY, "Decided as Envoy decides", "what is left"),
    (PARTLY, "Decided in part", "what is not"),
    (PASSES, "Never answer", "what they do instead"),
    (UNKNOWN, "Assumed to let the request pass", "why"),
)


def text() -> str:
    """The whole page."""
    lines = [
        "# What a trace models of HTTP filters",
        "",
        "A filter is told by its type. The name below is its place in Envoy's API (`rbac` stands for",
        "`envoy.extensions.filters.http.rbac.v3.RBAC`), or the whole type of filters that are not Envoy's.",
        "Made by `scripts/make_modelled.py`.",
    ]
    for extent, title, column in _SECTIONS:
        lines += ["", f"## {title}", "", f"| filter | {column} |", "|---|---|"]
        lines += [f"| `{key}` | {model.note} |" for key, model in sorted(MODELS.items()) if model.extent == extent]
    lines += [
        "",
        f"Any other filter is assumed to let the request pass ({NOT_KNOWN.note}): its step is `unknown`, the assumption is",
        "written into `assuming`, and the path's disposition is `unknown` with `if_passed`.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if FILE.exists() and FILE.read_text() == text() else 1
    FILE.write_text(text())
    print(f"{len(MODELS)} filters in docs/{FILE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
