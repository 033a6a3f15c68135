"""The command line: parse, call, print, exit code; one module for each verb."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

ENOUGH_TO_COLLECT = 100_000
"""Young objects between two runs of the cyclic collector: it finds nothing in what a short process imports and reads."""


def main() -> None:
    """The entry point of `meshscope`."""
    gc.set_threshold(ENOUGH_TO_COLLECT)
    try:
        from meshscope.cli.app import run  # `import meshscope.cli` pays for nothing

        code = run()
    except KeyboardInterrupt:  # before or after `run` can see it
        code = 130
    _leave(code)


def _leave(code: int) -> NoReturn:
    """Ends the process as it is: to take down everything that was imported takes longer than many an answer."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(code)
