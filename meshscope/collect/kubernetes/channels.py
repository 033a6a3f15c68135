"""A websocket with Kubernetes' channels: the first byte of every message is the number of its channel.

https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/streaming/pkg/httpstream/wsstream/conn.go
Invariant: messages are not assembled but passed on piece by piece, so that memory is bounded.
"""

from __future__ import annotations

import base64
import os
from collections import deque

import httpcore
import httpx

from meshscope.collect.kubernetes.in_cluster import INSTALL_HINT
from meshscope.errors import UsageError

try:
    from wsproto.connection import Connection, ConnectionState, ConnectionType
    from wsproto.events import BytesMessage, CloseConnection, Message, Ping
    from wsproto.utilities import ProtocolError
except ImportError:  # it is installed together with kr8s
    raise UsageError(INSTALL_HINT) from None

READ = 1 << 16
"""Bytes of one read from the connection."""


def handshake(protocols: tuple[str, ...]) -> dict[str, str]:
    """The headers of a GET that requests a websocket."""
    return {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": base64.b64encode(os.urandom(16)).decode(),
        "sec-websocket-version": "13",
        "sec-websocket-protocol": ", ".join(protocols),
    }


class Channels:
    """An open websocket. Raises httpcore's errors, as its connections do."""

    def __init__(self, response: httpx.Response) -> None:
        """`response` has status 101."""
        self._response = response
        self._stream: httpcore.AsyncNetworkStream = response.extensions["network_stream"]
        self._connection = Connection(ConnectionType.CLIENT)
        self._ready: deque[tuple[int, bytes]] = deque()
        self._channel: int | None = None  # of an unfinished message
        self._is_closed = False

    async def send(self, channel: int, data: bytes, timeout: float | None = None) -> None:
        message = BytesMessage(data=bytes((channel,)) + data)
        await self._stream.write(self._connection.send(message), timeout=timeout)

    async def receive(self, timeout: float | None = None) -> tuple[int, bytes] | None:
        """A channel and a piece of its data; None once the server has closed."""
        while not self._ready and not self._is_closed:
            data = await self._stream.read(READ, timeout=timeout)
            try:
                self._connection.receive_data(data or None)
                for event in self._connection.events():
                    await self._handle(event, timeout)
            except ProtocolError as error:
                raise httpcore.RemoteProtocolError(f"invalid websocket data: {error}") from error
        return self._ready.popleft() if self._ready else None

    async def _handle(self, event: object, timeout: float | None) -> None:
        if isinstance(event, Ping):
            await self._stream.write(self._connection.send(event.response()), timeout=timeout)
        elif isinstance(event, CloseConnection):
            self._is_closed = True
        elif isinstance(event, Message):
            data = event.data.encode() if isinstance(event.data, str) else bytes(event.data)
            if self._channel is None and data:
                self._channel, data = data[0], data[1:]
            if self._channel is not None and data:
                self._ready.append((self._channel, data))
            if event.message_finished:
                self._channel = None

    async def aclose(self) -> None:
        """Sends a close frame if the connection allows it, and closes."""
        try:
            if self._connection.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
                await self._stream.write(self._connection.send(CloseConnection(code=1000)), timeout=1)
        except (httpcore.NetworkError, httpcore.TimeoutException):
            pass  # the connection is already closed
        finally:
            await self._response.aclose()
