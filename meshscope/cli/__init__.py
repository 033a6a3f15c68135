"""The command line: parse, call, print, exit code; one module for each verb."""

from __future__ import annotations

import gc

ENOUGH_TO_COLLECT = 100_000
"""Young objects between two runs of the cyclic collector: it finds nothing in what a short process imports and reads."""


def main() -> None:
    """The entry point of `meshscope`."""
    gc.set_threshold(ENOUGH_TO_COLLECT)
    try:
        from meshscope.cli.app import run  # noqa: PLC0415  # `import meshscope.cli` pays for nothing

        code = run()
        gc.freeze()  # else the interpreter looks for cycles in everything once more before it goes
    except KeyboardInterrupt:  # before or after `run` can see it
        code = 130
    raise SystemExit(code)
