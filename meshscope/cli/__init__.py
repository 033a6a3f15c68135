"""The command line: parse, call, print, exit code; one module for each verb."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

ENOUGH_TO_COLLECT = 100_000
"""Young objects between two runs of the cyclic collector, which finds no garbage in a short process."""


def main() -> None:
    """The entry point of `meshscope`."""
    gc.set_threshold(ENOUGH_TO_COLLECT)
    try:
        from meshscope.cli.memory_bound import bound_memory

        bound_memory()
        from meshscope.cli.app import run  # keeps `import meshscope.cli` cheap

        code = run()
    except KeyboardInterrupt:  # outside of `run`, which catches the others
        code = 130
    _leave(code)


def _leave(code: int) -> NoReturn:
    """Ends the process without cleaning up: taking down all imports takes longer than many an answer."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or without a reader
            stream.flush()
    os._exit(code)
