"""The bodies of one run, whatever their size: some in memory, the rest in a temporary file.

Invariant: memory stays below MOST_IN_MEMORY and PART for each body that is just coming in. The file has no name in the file
system (where there is such a thing), so that nothing of it stays behind, however the process ends.
"""

from __future__ import annotations

import tempfile
from threading import Lock
from typing import IO

MOST_IN_MEMORY = 32 << 20
"""Bytes of finished bodies that are kept in memory; what comes later goes to the file."""
PART = 1 << 20
"""Bytes of a body that is still coming in, before they go to the file."""
HEAD = 4096


class Stored:
    """A body: its length, its first HEAD bytes, and the whole as often as it is asked for."""

    def __init__(self, spool: Spool, parts: tuple[bytes | tuple[int, int], ...], head: bytes) -> None:
        self._spool = spool
        self._parts = parts
        self.head = head
        self.length = sum(len(part) if isinstance(part, bytes) else part[1] for part in parts)

    def load(self) -> bytes:
        """Raises OSError where the temporary file cannot be read."""
        return b"".join(part if isinstance(part, bytes) else self._spool.read(*part) for part in self._parts)


class Spool:
    """Where bodies are put. Safe to use from several threads."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._left = most_in_memory
        self._file: IO[bytes] | None = None
        self._lock = Lock()

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, chunk: bytes) -> tuple[int, int]:
        """Puts bytes into the file: where they are. Raises OSError where the disk is full."""
        with self._lock:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="meshscope-")  # noqa: SIM115  # it lives as long as its bodies
            at = self._file.seek(0, 2)
            self._file.write(chunk)
            return at, len(chunk)

    def read(self, at: int, length: int) -> bytes:
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(at)
            return self._file.read(length)

    def keeps(self, length: int) -> bool:
        """Whether that many bytes may stay in memory; then they count."""
        with self._lock:
            if length > self._left:
                return False
            self._left -= length
            return True


class Incoming:
    """A body that is coming in, chunk by chunk."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._parts: list[bytes | tuple[int, int]] = []
        self._waiting = bytearray()
        self._head = b""
        self.length = 0

    def add(self, chunk: bytes) -> None:
        """Raises OSError where the disk is full."""
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        self.length += len(chunk)
        self._waiting += chunk
        if len(self._waiting) >= PART:
            self._parts.append(self._spool.write(bytes(self._waiting)))
            self._waiting.clear()

    def done(self) -> Stored:
        if self._waiting:
            rest = bytes(self._waiting)
            fits = not self._parts and self._spool.keeps(len(rest))
            self._parts.append(rest if fits else self._spool.write(rest))
        return Stored(self._spool, tuple(self._parts), self._head)
