"""Where the answer goes: stdout, whatever it is, in whatever encoding it has, as long as somebody reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

from meshscope.errors import UsageError
from meshscope.render.text import CUT


class ReaderGoneError(Exception):
    """Nobody reads the answer any more (`| head -1`): there is nothing left to do, and nothing went wrong."""


def is_terminal() -> bool:
    return sys.stdout.isatty()


def has_colour(*, no_color: bool) -> bool:
    """Colour is for terminals that have it and users who did not refuse it (https://no-color.org)."""
    return not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and is_terminal()


def terminal_cells() -> int | None:
    """The width to fit a table to; None for a pipe or a file, where nothing is cut."""
    if not is_terminal():
        return None
    from shutil import get_terminal_size  # a pipe has no width, and the module brings archivers along

    return get_terminal_size().columns


def write(pieces: Iterable[str]) -> None:
    """Write pieces as they come. Raises ReaderGoneError, and UsageError where stdout cannot take them."""
    for piece in pieces:
        _tried(_put, piece)
    flush()


def flush() -> None:
    _tried(sys.stdout.flush)


def _tried(action: Callable[..., None], *arguments: str) -> None:
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
    """What the encoding does not have as escapes; the mark of a cut keeps its one cell."""
    return text.replace(CUT, "~").encode(encoding, "backslashreplace").decode(encoding)
