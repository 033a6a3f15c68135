"""Port-forwards of kubectl: SPDY in a websocket, with two streams for each connection that somebody makes to its port.

https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from .spdy import Session, Stream
from .websockets import Address, Socket, reached

PROTOCOL = "SPDY/3.1+portforward.k8s.io"


async def tunnel(socket: Socket, address: Callable[[int], Address | None]) -> None:
    """Until the client leaves. A connection's error stream comes before its data stream; `requestid` says which two."""
    session = Session(socket)
    errors: dict[str, Stream] = {}
    tasks: set[asyncio.Task[None]] = set()
    try:
        async for stream in session.streams():
            request = stream.headers["requestid"]
            if stream.headers["streamtype"] == "error":
                errors[request] = stream
            else:
                port = int(stream.headers["port"])
                task = asyncio.ensure_future(_forward(session, stream, errors.pop(request), port, address(port)))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
    finally:
        left = tuple(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _forward(session: Session, data: Stream, error: Stream, port: int, address: Address | None) -> None:
    """As the kubelet does: the error stream tells why, and ends with the connection in any case."""
    try:
        reader, writer = await reached(port, address)
    except OSError as refused:
        await _fail(session, data, error, str(refused))
        return
    outwards = asyncio.ensure_future(_outwards(data, writer))
    try:
        while received := await reader.read(65536):
            await session.send(data, received)
        await session.send(data, is_last=True)
        await session.send(error, is_last=True)
    except OSError as broken:
        await _fail(session, data, error, f"error forwarding port {port}: {broken}")
    finally:
        outwards.cancel()
        writer.close()
        await asyncio.gather(outwards, return_exceptions=True)


async def _fail(session: Session, data: Stream, error: Stream, why: str) -> None:
    with contextlib.suppress(OSError):  # it may be the client that left
        await session.send(error, why.encode(), is_last=True)
        await session.reset(data)


async def _outwards(data: Stream, writer: asyncio.StreamWriter) -> None:
    while sent := await data.inbox.get():
        writer.write(sent)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
