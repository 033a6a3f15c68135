"""What a server sends under a content-encoding -> the body, piece by piece, so that whoever reads it can stop in time.

httpx undoes any number of encodings at once, and all of a chunk in one piece: a few hundred bytes are gigabytes then. Here a
body is as it is, or gzip once (RFC 9110, 8.4.1.3); another encoding was not asked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

ACCEPTED = "gzip"
"""The accept-encoding of requests."""
PIECE = 1 << 18
"""Bytes of one piece."""
SMALL, MOST_TIMES = 64 << 20, 200
"""A body may inflate to SMALL bytes, or MOST_TIMES what was sent of it; a dump inflates to some ten or twenty times."""
_PLAIN, _GZIP = ("", "identity"), ("gzip", "x-gzip")


class BodyError(Exception):
    """A body that is not taken; the message is one clear line."""


class ContentDecoder:
    """Raises BodyError for an encoding that is not read."""

    def __init__(self, encoding: str) -> None:
        """`encoding` is the value of content-encoding, "" without one."""
        name = encoding.strip().lower()
        if name not in (*_PLAIN, *_GZIP):
            raise BodyError(
                f"no valid HTTP response: the content-encoding {encoding[:80]!r} is not read: only one gzip is"
            )
        self._inflater = zlib.decompressobj(wbits=31) if name in _GZIP else None
        self._sent = self._given = 0

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """The next bytes of the body, at most PIECE at a time. Raises BodyError where they are damaged."""
        if self._inflater is None:
            yield chunk
            return
        self._sent += len(chunk)
        while not self._inflater.eof:
            try:
                piece = self._inflater.decompress(chunk, PIECE)
            except zlib.error:
                raise BodyError("no valid HTTP response: the gzip data is damaged") from None
            chunk = self._inflater.unconsumed_tail
            self._given += len(piece)
            if self._given > max(SMALL, MOST_TIMES * self._sent):
                raise BodyError(f"the answer inflates to more than {MOST_TIMES} times what was sent")
            if piece:
                yield piece
            if not chunk and len(piece) < PIECE:
                return

    def finish(self) -> None:
        """Raises BodyError if the body breaks off. An empty one is empty, as for HEAD and errors."""
        if self._inflater is not None and self._sent and not self._inflater.eof:
            raise BodyError("no valid HTTP response: the gzip data breaks off")
