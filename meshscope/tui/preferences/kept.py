"""What outlives the program, below `$XDG_STATE_HOME/meshscope`: the lines of the command line, and that it was there before.

A folder that cannot be written is no error: nothing is kept then.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from meshscope.bounded_file import bounded_bytes

MOST_LINES = 200
MOST_BYTES = 100_000
"""A longer file of lines is not ours."""
_LONGEST = 1000


class Kept:
    """The files of one folder. They are private: names of a mesh are in the lines."""

    def __init__(self, folder: Path) -> None:
        self._history, self._marker = folder / "history", folder / "first-hint"

    def history(self) -> list[str]:
        """The newest last; none where the file is broken."""
        try:
            lines = bounded_bytes(self._history, MOST_BYTES).decode().split("\n")
        except (OSError, ValueError):
            return []
        return [line for line in lines if line.strip() and line.isprintable()][-MOST_LINES:]

    def keep_history(self, lines: list[str]) -> None:
        """Keeps the newest lines that fit. A program that ends meanwhile leaves the old file."""
        kept = [line for line in lines if line.isprintable() and len(line) <= _LONGEST][-MOST_LINES:]
        while len(text := "".join(f"{line}\n" for line in kept).encode()) > MOST_BYTES:
            kept = kept[1 + len(kept) // 10 :]
        new = self._history.with_name(f"history.{os.getpid()}")
        with suppress(OSError):
            _write(new, text)
            new.replace(self._history)

    def is_first_start(self) -> bool:
        """Once true, from then on false; false where that cannot be remembered."""
        try:
            if self._marker.exists():
                return False
            _write(self._marker, b"")
        except OSError:
            return False
        return True


def kept() -> Kept:
    home = os.environ.get("XDG_STATE_HOME")
    return Kept((Path(home) if home else Path.home() / ".local" / "state") / "meshscope")


def _write(file: Path, text: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(text)
