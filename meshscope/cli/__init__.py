"""The command line: parse, call, print, exit code; one module for each verb."""

from __future__ import annotations


def main() -> None:
    """The entry point of `meshscope`."""
    from meshscope.cli.app import run  # noqa: PLC0415  # `import meshscope.cli` pays for nothing

    raise SystemExit(run())
