"""A gzip file that can be read at any place, like a plain one: the first reading leaves points of return.

A point is zlib's own state (about 40 KiB), one every POINT_EVERY bytes of content: 40 MB for the 8 GiB that a source
may unfold to. So one member of a large archive is inflated when it is asked for, and no other; and the place where the
last reader stopped is a point too, so that members in their order are inflated in one go.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from typing import Protocol

from msgspec import Struct

POINT_EVERY = 8 << 20
MOST_STREAMS = 100_000
"""gzip streams one after another in a file: parallel compressors write one per block, an attack writes empty ones."""
_GZIP = b"\x1f\x8b\x08"
_CHUNK = 64 << 10
_STEP = 1 << 20


class Readable(Protocol):
    """The part of a binary file's interface that is used here."""

    def read(self, size: int, /) -> bytes: ...
    def seek(self, offset: int, /) -> int: ...
    def close(self) -> None: ...


class BrokenOffError(Exception):
    """An archive ends too early or is damaged; what was read before counts. The message is one clear line."""


class Point(Struct, frozen=True):
    """A place in the content, the place of the compressed file that it is made from, and zlib's state between them."""

    content: int
    compressed: int
    state: zlib._Decompress


class Points:
    """The points of one file, in order. Filled by one reader, then used by any number of them from any thread."""

    def __init__(self) -> None:
        self.marks: list[Point] = []
        self.latest: Point | None = None

    def before(self, offset: int) -> Point | None:
        """The last point at or before an offset."""
        index = bisect_right(self.marks, offset, key=lambda mark: mark.content)
        mark, latest = self.marks[index - 1] if index else None, self.latest
        if latest is not None and (mark.content if mark else -1) < latest.content <= offset:
            return latest
        return mark


class Inflated:
    """Reads and seeks in the content. Returns to `points`; with `marking` it makes them."""

    def __init__(self, file: Readable, points: Points | None = None, *, marking: bool = False) -> None:
        self._file = file
        self._points = points or Points()
        self._marking = marking
        self._streams = 0
        self._restore(_start())

    def read(self, size: int, /) -> bytes:
        """Fewer bytes only at the end. Raises BrokenOffError."""
        parts = []
        while size > 0 and (part := self._next(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def seek(self, offset: int, /) -> int:
        """The new position: `offset`, or less where the content ends before it. Raises BrokenOffError."""
        nearest = self._points.before(offset)
        if nearest is not None and not nearest.content <= self._content <= offset:
            self._restore(nearest)
        elif offset < self._content:
            self._restore(_start())
        while self._content < offset and self._next(min(_STEP, offset - self._content)):
            pass
        return self._content

    def close(self) -> None:
        if not self._marking and not self._state.eof:
            self._points.latest = self._here()
        self._file.close()

    def _here(self) -> Point:
        return Point(self._content, self._compressed - len(self._pending), self._state.copy())

    def _restore(self, point: Point) -> None:
        self._content, self._state, self._pending = point.content, point.state.copy(), b""
        self._compressed = self._file.seek(point.compressed)

    def _next(self, most: int) -> bytes:
        """Some content, at most that much; b"" at the end."""
        while True:
            if self._state.eof and not self._next_stream():
                return b""
            fed = bool(self._pending) or self._fill()
            try:
                part = self._state.decompress(self._pending, min(most, _STEP))
            except zlib.error as error:
                raise BrokenOffError(f"the gzip data is damaged after {self._content:,} bytes: {error}") from None
            self._pending = self._state.unused_data if self._state.eof else self._state.unconsumed_tail
            self._content += len(part)
            self._mark()
            if part:
                return part
            if not fed and not self._state.eof:
                raise BrokenOffError(f"the gzip data breaks off after {self._content:,} bytes of content")

    def _next_stream(self) -> bool:
        """Whether another gzip stream follows the one that ended; padding and foreign bytes end the file."""
        while len(self._pending) < len(_GZIP) and self._fill():
            pass
        if not is_gzip(self._pending):
            return False
        self._streams += 1
        if self._streams > MOST_STREAMS:
            raise BrokenOffError(f"more than {MOST_STREAMS:,} gzip streams one after another")
        self._state = zlib.decompressobj(wbits=31)
        return True

    def _fill(self) -> bool:
        more = self._file.read(_CHUNK)
        self._compressed += len(more)
        self._pending += more
        return bool(more)

    def _mark(self) -> None:
        """Makes a point if the last one is far enough behind."""
        marks = self._points.marks
        behind = self._content - (marks[-1].content if marks else 0)
        if self._marking and behind >= POINT_EVERY and not self._state.eof:
            marks.append(self._here())


def is_gzip(head: bytes) -> bool:
    return head.startswith(_GZIP)


def _start() -> Point:
    return Point(0, 0, zlib.decompressobj(wbits=31))
