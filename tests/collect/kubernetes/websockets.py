"""The server's side of Kubernetes' websockets: port-forwards into a TCP connection, commands that ask by GET."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import struct
from collections.abc import Callable
from urllib.parse import parse_qs

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping

Address = tuple[str, int]
_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_DATA, _ERROR = 0, 1
ASKED_BY = {"pilot-agent": 15000, "pilot-discovery": 15014}


def accepted(key: str, protocol: str) -> bytes:
    """The head of the answer that makes it a websocket."""
    proof = base64.b64encode(hashlib.sha1(key.encode() + _MAGIC).digest()).decode()  # noqa: S324  # RFC 6455 says so
    chosen = f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else ""
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {proof}\r\n{chosen}\r\n"
    ).encode()


class Socket:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._connection = Connection(ConnectionType.SERVER)
        self._waiting: list[bytes] = []
        self._partial = b""
        self._is_over = False

    async def send(self, message: bytes) -> None:
        self._writer.write(self._connection.send(BytesMessage(data=message)))
        await self._writer.drain()

    async def send_on(self, channel: int, data: bytes) -> None:
        """The first byte of a message is its channel's."""
        await self.send(bytes((channel,)) + data)

    async def receive(self) -> bytes:
        """A whole message, none that is empty; b"" at the end."""
        while not self._waiting and not self._is_over:
            data = await self._reader.read(65536)
            self._connection.receive_data(data or None)
            for event in self._connection.events():
                if isinstance(event, Ping):
                    self._writer.write(self._connection.send(event.response()))
                elif isinstance(event, CloseConnection):
                    self._is_over = True
                elif isinstance(event, Message):
                    self._partial += event.data.encode() if isinstance(event.data, str) else bytes(event.data)
                    if event.message_finished:
                        self._waiting.extend(filter(None, [self._partial]))
                        self._partial = b""
        return self._waiting.pop(0) if self._waiting else b""

    async def close(self) -> None:
        """Waits for the other side's good-bye: who closes with something unread takes back what was sent last (RST)."""
        with contextlib.suppress(Exception):
            self._writer.write(self._connection.send(CloseConnection(code=1000)))
            async with asyncio.timeout(1):
                while await self.receive():
                    pass


async def reached(port: int, address: Address | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to what listens on that port of a pod. Raises OSError in the words of a kubelet."""
    try:
        if address is None:
            raise ConnectionRefusedError(111, "Connection refused")
        return await asyncio.open_connection(*address)
    except OSError as error:
        why = f"dial tcp4 127.0.0.1:{port}: connect: {str(error.strerror).lower()}"
        raise OSError(f"failed to connect to localhost:{port} inside namespace: {why}") from None


async def forward(socket: Socket, port: int, address: Address | None) -> None:
    """As the kubelet does: each channel begins with its port; channel 1 tells why there is no connection."""
    for channel in (_DATA, _ERROR):
        await socket.send_on(channel, struct.pack("<H", port))
    try:
        reader, writer = await reached(port, address)
    except OSError as error:
        await socket.send_on(_ERROR, str(error).encode())
        return
    tasks = [asyncio.ensure_future(_outwards(socket, writer)), asyncio.ensure_future(_inwards(socket, reader))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks[1].done() and (broken := tasks[1].exception()):
            await socket.send_on(_ERROR, f"error forwarding port {port}: {broken}".encode())
    finally:
        writer.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _outwards(socket: Socket, writer: asyncio.StreamWriter) -> None:
    while message := await socket.receive():
        if message[0] == _DATA:
            writer.write(message[1:])
            await writer.drain()


async def _inwards(socket: Socket, reader: asyncio.StreamReader) -> None:
    while data := await reader.read(65536):
        await socket.send_on(_DATA, data)


async def execute(socket: Socket, query: str, address: Callable[[int], Address | None]) -> None:
    """`pilot-agent request GET PATH` as pilot-agent does it; every other command is not in the image."""
    command = parse_qs(query)["command"]
    if command[0] not in ASKED_BY or command[1:3] != ["request", "GET"]:
        why = f'error executing command in container: exec: "{command[0]}": executable file not found in $PATH'
        await socket.send_on(3, _outcome("InternalError", why, {"message": why}))
        return
    where = address(ASKED_BY[command[0]])
    try:
        if where is None:
            raise ConnectionRefusedError
        status, body = await _get(where, "/" + command[3].removeprefix("/"))
    except OSError:
        await _fail(socket, b"Error: connect: connection refused\n")
        return
    if status > 399 and status != 404:
        await _fail(socket, b"Error: received unsuccessful status code %d: %s\n" % (status, body))
        return
    for start in range(0, len(body), 32768):
        await socket.send_on(1, body[start : start + 32768])
    await socket.send_on(1, b"\n")
    await socket.send_on(3, b'{"metadata":{},"status":"Success"}')


async def _fail(socket: Socket, said: bytes) -> None:
    await socket.send_on(2, said)
    cause = {"reason": "ExitCode", "message": "255"}
    await socket.send_on(3, _outcome("NonZeroExitCode", "command terminated with non-zero exit code: 255", cause))


def _outcome(reason: str, message: str, cause: dict[str, str]) -> bytes:
    told = {"metadata": {}, "status": "Failure", "message": message, "reason": reason, "details": {"causes": [cause]}}
    return json.dumps(told).encode()


async def _get(address: Address, path: str) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.read()
    except asyncio.IncompleteReadError:
        return 503, b"EOF"
    finally:
        writer.close()
    status = int(head.split(b" ", 2)[1])
    if b"chunked" in head.lower():
        body = _unchunked(body)
    return status, body


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        whole, body = whole + body[:length], body[length + 2 :]
    return whole
