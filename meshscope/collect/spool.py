"""The bodies of one run, whatever their size: some in memory, the rest in a temporary file.

Invariant: memory stays below MOST_IN_MEMORY, and PART for each body that is being received; memory and file together below
MOST_OF_RUN. A body that nobody refers to any more, because it was given up or is no document, leaves its place to others. The
file has no name in the file system (where the system supports that), so nothing of it is left behind, however the process ends.
"""

from __future__ import annotations

import tempfile
from shutil import disk_usage
from threading import RLock
from typing import IO

MOST_IN_MEMORY = 32 << 20
"""Bytes of finished bodies in memory; further ones go to the file."""
MOST_OF_RUN = 8 << 30
"""Bytes of all bodies: what a source that is read later may unfold to (`snapshot.member.MOST_TOTAL`)."""
PART = 1 << 20
"""Bytes of an unfinished body in memory; further ones go to the file, in pieces of this size."""
HEAD = 4096
"""Bytes of each body that stay in memory for a first look."""


class FullError(OSError):
    """The run has stored as much as it may."""


class Parts:
    """Where a body is: bytes in memory, or the offset and length of bytes in the spool's file. Its place is free without it."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.places: list[bytes | tuple[int, int]] = []

    def __del__(self) -> None:
        self._spool.free(self.places)


class StoredBody:
    """A body: its length, its first HEAD bytes, and the whole as often as needed."""

    def __init__(self, spool: Spool, parts: Parts, head: bytes) -> None:
        self._spool = spool
        self._parts = parts
        self.head = head
        self.length = sum(len(part) if isinstance(part, bytes) else part[1] for part in parts.places)

    def load(self) -> bytes:
        """Raises OSError if the temporary file cannot be read."""
        parts = self._parts.places
        return b"".join(part if isinstance(part, bytes) else self._spool.read(*part) for part in parts)


class Spool:
    """The storage of bodies. Thread-safe."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY, most: int = MOST_OF_RUN) -> None:
        self._free_memory = most_in_memory
        self._most = self._left = most
        self._file: IO[bytes] | None = None
        self._end = 0
        self._free_offsets: set[int] = set()
        self._lock = RLock()  # a body may be let go while another one is written, by the same thread

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, chunk: bytes) -> tuple[int, int]:
        """Writes at most PART bytes to the file; their offset and length. Raises OSError if the disk, or the run, is full."""
        with self._lock:
            file = self._opened()
            self._spend(len(chunk))
            offset = self._free_offsets.pop() if self._free_offsets else self._end
            self._end = max(self._end, offset + PART)
            place = (offset, len(chunk))
            try:
                file.seek(offset)
                rest = memoryview(chunk)
                while rest:
                    rest = rest[file.write(rest) :]
            except BaseException:
                self.free([place])
                raise
            return place

    def read(self, offset: int, length: int) -> bytes:
        with self._lock:
            if self._file is None:
                return b""
            self._file.seek(offset)
            parts = []
            while length and (part := self._file.read(length)):
                parts.append(part)
                length -= len(part)
            return b"".join(parts)

    def reserve(self, length: int) -> bool:
        """Reserves memory for that many bytes; whether there was enough. Raises FullError."""
        with self._lock:
            if length > self._free_memory:
                return False
            self._spend(length)
            self._free_memory -= length
            return True

    def free(self, places: list[bytes | tuple[int, int]]) -> None:
        """Takes places back; the file is cut where its end is free."""
        with self._lock:
            for place in places:
                if isinstance(place, bytes):
                    self._free_memory += len(place)
                    self._left += len(place)
                else:
                    self._left += place[1]
                    self._free_offsets.add(place[0])
            before = self._end
            while self._end - PART in self._free_offsets:
                self._end -= PART
                self._free_offsets.discard(self._end)
            if self._end < before and self._file is not None:
                self._file.truncate(self._end)

    def refuse(self, length: int) -> None:
        """Raises FullError for an unfinished body of that length: none takes more than half of what is left for all."""
        with self._lock:
            if length > (self._left + length) // 2:
                raise self._full()

    def _opened(self) -> IO[bytes]:
        """The file. It takes at most half of what is free on its disk, which belongs to others, too."""
        if self._file is None:  # unbuffered: what a full disk did not take is not tried again
            self._file = tempfile.TemporaryFile(prefix="meshscope-", buffering=0)  # noqa: SIM115  # it lives as long as its bodies
            free = disk_usage(tempfile.gettempdir()).free // 2
            if free < self._left:
                self._most, self._left = self._most - self._left + free, free
        return self._file

    def _spend(self, length: int) -> None:
        if length > self._left:
            raise self._full()
        self._left -= length

    def _full(self) -> FullError:
        return FullError(f"a run stores at most {self._most:,} bytes, and too few of them are left for it")


class IncomingBody:
    """A body that is being received, chunk by chunk. Its place is free again if it is not finished."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._parts = Parts(spool)
        self._buffer = bytearray()
        self._head = b""
        self.length = 0

    def add(self, chunk: bytes) -> None:
        """Raises OSError if the disk, or the run, is full."""
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        self.length += len(chunk)
        self._buffer += chunk
        if len(self._buffer) >= PART:
            self._spool.refuse(self.length)
        while len(self._buffer) >= PART:
            self._parts.places.append(self._spool.write(bytes(self._buffer[:PART])))
            del self._buffer[:PART]

    def finish(self) -> StoredBody:
        if self._buffer:
            rest = bytes(self._buffer)
            fits = not self._parts.places and self._spool.reserve(len(rest))
            self._parts.places.append(rest if fits else self._spool.write(rest))
        return StoredBody(self._spool, self._parts, self._head)
