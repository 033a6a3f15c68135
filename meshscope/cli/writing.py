"""Writing the answer to stdout: any stream, any encoding, as long as it has a reader."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable

from meshscope.errors import UsageError
from meshscope.render.text import CUT


class ReaderGoneError(Exception):
    """The reader of the answer is gone (`| head -1`), which is not an error: nothing is left to do."""


def is_terminal() -> bool:
    return sys.stdout.isatty()


def has_colour(*, no_color: bool) -> bool:
    """Whether stdout is a terminal with colours and the user has not refused them (https://no-color.org)."""
    return not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and is_terminal()


def terminal_cells() -> int | None:
    """The width to fit a table to; None for a pipe or a file, where nothing is cut."""
    if not is_terminal():
        return None
    from shutil import get_terminal_size  # imports archivers, which a pipe does not need

    return get_terminal_size().columns


def clock() -> str:
    """The time of day in UTC, which a changed answer begins with."""
    return time.strftime("%H:%M:%SZ", time.gmtime())


def write(pieces: Iterable[str]) -> None:
    """Writes the pieces one by one. Raises ReaderGoneError, and UsageError where stdout cannot be written to."""
    for piece in pieces:
        _guarded(_put, piece)
    flush()


def flush() -> None:
    _guarded(sys.stdout.flush)


def _guarded(action: Callable[..., None], *arguments: str) -> None:
    try:
        action(*arguments)
    except BrokenPipeError:
        raise ReaderGoneError from None
    except OSError as error:
        raise UsageError(f"the answer cannot be written: {error.strerror or error}") from None


def _put(text: str) -> None:
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        sys.stdout.write(_encodable(text, sys.stdout.encoding or "ascii"))


def _encodable(text: str, encoding: str) -> str:
    """The text with escapes for characters outside the encoding; the mark of a cut keeps its one cell."""
    return text.replace(CUT, "~").encode(encoding, "backslashreplace").decode(encoding)
