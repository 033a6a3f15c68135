"""The command line: parse, call, print, exit code; one module for each verb."""

from __future__ import annotations


def main() -> None:
    """The entry point of `meshscope`."""
    try:
        from meshscope.cli.app import run  # noqa: PLC0415  # `import meshscope.cli` pays for nothing

        code = run()
    except KeyboardInterrupt:  # before or after `run` can see it
        code = 130
    raise SystemExit(code)
