"""The server's side of SPDY/3.1, as far as a port-forward of kubectl goes: frames, headers, streams.

Frames and headers: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
No flow control: Kubernetes' clients neither send WINDOW_UPDATE nor wait for it.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator
from enum import IntEnum
from typing import NamedTuple

from .websockets import Socket

Headers = dict[str, str]
_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow"
    " authorization cache-control connection content-base content-encoding content-language content-length"
    " content-location content-md5 content-range content-type date etag expect expires from host if-match"
    " if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma"
    " proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade"
    " user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie"
    " keep-alive origin"
)
_TEXT = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
_FIN = 1
_CONTROL = 0x8003  # the bit of control frames, and the version
_CANCEL = 5


def _counted(text: str) -> bytes:
    return struct.pack(">I", len(text)) + text.encode("latin-1")


DICTIONARY = b"".join(_counted(word.replace("_", " ")) for word in _WORDS.split()) + _TEXT.encode()
"""What both sides' zlib knows beforehand (§2.6.10.1). zlib refuses headers that were written with another one."""


class Kind(IntEnum):
    DATA = 0
    SYN_STREAM = 1
    SYN_REPLY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PING = 6
    GOAWAY = 7
    HEADERS = 8
    WINDOW_UPDATE = 9


class Frame(NamedTuple):
    """`stream` is a data frame's; a control frame has its own in the body."""

    kind: Kind
    body: bytes
    stream: int = 0
    is_last: bool = False

    def written(self) -> bytes:
        head = struct.pack(">I", self.stream) if self.kind is Kind.DATA else struct.pack(">HH", _CONTROL, self.kind)
        return head + struct.pack(">I", (_FIN if self.is_last else 0) << 24 | len(self.body)) + self.body


class Stream(NamedTuple):
    """One that the client opened; its `inbox` ends with b""."""

    id: int
    headers: Headers
    inbox: asyncio.Queue[bytes]


class Session:
    """One client's. Its headers are one zlib stream in each direction, whichever frames they came in."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._deflate = zlib.compressobj(zdict=DICTIONARY)
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)
        self._open: dict[int, Stream] = {}

    async def send(self, stream: Stream, data: bytes = b"", *, is_last: bool = False) -> None:
        await self._write(Frame(Kind.DATA, data, stream.id, is_last))

    async def reset(self, stream: Stream) -> None:
        await self._write(Frame(Kind.RST_STREAM, struct.pack(">II", stream.id, _CANCEL)))

    async def streams(self) -> AsyncIterator[Stream]:
        """Each that the client opens, until it leaves; meanwhile their inboxes fill and pings are answered."""
        async for frame in _frames(self._socket):
            if frame.kind is Kind.GOAWAY:
                return
            if frame.kind is Kind.PING and struct.unpack(">I", frame.body)[0] % 2:  # the client's, not an answer
                await self._write(frame)
            elif frame.kind is Kind.SYN_STREAM:
                yield await self._opened(frame)
            elif frame.kind is Kind.HEADERS:
                self._headers(frame.body[4:])  # nobody wants them, but the next ones refer to them
            elif frame.kind is Kind.RST_STREAM:
                self._close(struct.unpack(">II", frame.body)[0])
            elif frame.kind is Kind.DATA and (stream := self._open.get(frame.stream)):
                if frame.body:
                    stream.inbox.put_nowait(frame.body)
                if frame.is_last:
                    self._close(frame.stream)

    async def _opened(self, frame: Frame) -> Stream:
        (number,) = struct.unpack(">I", frame.body[:4])
        stream = self._open[number] = Stream(number, self._headers(frame.body[10:]), asyncio.Queue())
        if frame.is_last:
            self._close(number)
        block = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        await self._write(Frame(Kind.SYN_REPLY, struct.pack(">I", number) + block))
        return stream

    def _close(self, number: int) -> None:
        if stream := self._open.pop(number, None):
            stream.inbox.put_nowait(b"")

    def _headers(self, block: bytes) -> Headers:
        plain = self._inflate.decompress(block)
        (count,), at = struct.unpack(">I", plain[:4]), 4
        texts: list[str] = []
        for _ in range(2 * count):
            (length,) = struct.unpack_from(">I", plain, at)
            texts.append(plain[at + 4 : at + 4 + length].decode("latin-1"))
            at += 4 + length
        return dict(zip(texts[::2], texts[1::2], strict=True))

    async def _write(self, frame: Frame) -> None:
        await self._socket.send(frame.written())


async def _frames(socket: Socket) -> AsyncIterator[Frame]:
    """Messages of the websocket are pieces of one stream of bytes; they may begin and end anywhere."""
    waiting = b""
    while message := await socket.receive():
        waiting += message
        while len(waiting) >= 8:
            first, rest = struct.unpack(">II", waiting[:8])
            end = 8 + (rest & 0xFFFFFF)
            if len(waiting) < end:
                break
            body, waiting = waiting[8:end], waiting[end:]
            is_last = bool(rest >> 24 & _FIN)
            if first >> 16 == _CONTROL:
                yield Frame(Kind(first & 0xFFFF), body, is_last=is_last)
            else:
                yield Frame(Kind.DATA, body, first, is_last)
