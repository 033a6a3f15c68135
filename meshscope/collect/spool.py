"""The bodies of one run, whatever their size: some in memory, the rest in a temporary file.

Invariant: memory stays below MOST_IN_MEMORY, and PART for each body that is being received. The file has no name in the file
system (where the system supports that), so nothing of it is left behind, however the process ends.
"""

from __future__ import annotations

import tempfile
from threading import Lock
from typing import IO

MOST_IN_MEMORY = 32 << 20
"""Bytes of finished bodies in memory; further ones go to the file."""
PART = 1 << 20
"""Bytes of an unfinished body in memory; further ones go to the file."""
HEAD = 4096
"""Bytes of each body that stay in memory for a first look."""


class StoredBody:
    """A body: its length, its first HEAD bytes, and the whole as often as needed."""

    def __init__(self, spool: Spool, parts: tuple[bytes | tuple[int, int], ...], head: bytes) -> None:
        """Each part is bytes, or the offset and length of bytes in the spool's file."""
        self._spool = spool
        self._parts = parts
        self.head = head
        self.length = sum(len(part) if isinstance(part, bytes) else part[1] for part in parts)

    def load(self) -> bytes:
        """Raises OSError if the temporary file cannot be read."""
        return b"".join(part if isinstance(part, bytes) else self._spool.read(*part) for part in self._parts)


class Spool:
    """The storage of bodies. Thread-safe."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._free_memory = most_in_memory
        self._file: IO[bytes] | None = None
        self._lock = Lock()

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, chunk: bytes) -> tuple[int, int]:
        """Appends bytes to the file and returns their offset and length. Raises OSError if the disk is full."""
        with self._lock:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="meshscope-")  # noqa: SIM115  # it lives as long as its bodies
            offset = self._file.seek(0, 2)
            self._file.write(chunk)
            return offset, len(chunk)

    def read(self, offset: int, length: int) -> bytes:
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(offset)
            return self._file.read(length)

    def reserve(self, length: int) -> bool:
        """Reserves memory for that many bytes; whether there was enough."""
        with self._lock:
            if length > self._free_memory:
                return False
            self._free_memory -= length
            return True


class IncomingBody:
    """A body that is being received, chunk by chunk."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._parts: list[bytes | tuple[int, int]] = []
        self._buffer = bytearray()
        self._head = b""
        self.length = 0

    def add(self, chunk: bytes) -> None:
        """Raises OSError if the disk is full."""
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        self.length += len(chunk)
        self._buffer += chunk
        if len(self._buffer) >= PART:
            self._parts.append(self._spool.write(bytes(self._buffer)))
            self._buffer.clear()

    def finish(self) -> StoredBody:
        if self._buffer:
            rest = bytes(self._buffer)
            fits = not self._parts and self._spool.reserve(len(rest))
            self._parts.append(rest if fits else self._spool.write(rest))
        return StoredBody(self._spool, tuple(self._parts), self._head)
