"""A websocket as Kubernetes uses it: every message begins with a byte, the number of its channel.

https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/streaming/pkg/httpstream/wsstream/conn.go
Invariant: no message is put together; what comes is handed on piece by piece, so that memory is bounded.
"""

from __future__ import annotations

import base64
import os
from collections import deque

import httpcore
import httpx

from meshscope.collect.kubernetes.in_cluster import HOW_TO_INSTALL
from meshscope.errors import UsageError

try:
    from wsproto.connection import Connection, ConnectionState, ConnectionType
    from wsproto.events import BytesMessage, CloseConnection, Message, Ping
    from wsproto.utilities import ProtocolError
except ImportError:  # it comes with the client
    raise UsageError(HOW_TO_INSTALL) from None

READ = 1 << 16


def handshake(protocols: tuple[str, ...]) -> dict[str, str]:
    """The headers of a GET that asks for a websocket."""
    return {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": base64.b64encode(os.urandom(16)).decode(),
        "sec-websocket-version": "13",
        "sec-websocket-protocol": ", ".join(protocols),
    }


class Channels:
    """An open websocket. Raises httpcore's errors, as a connection does."""

    def __init__(self, response: httpx.Response) -> None:
        """`response` has status 101."""
        self._response = response
        self._stream: httpcore.AsyncNetworkStream = response.extensions["network_stream"]
        self._connection = Connection(ConnectionType.CLIENT)
        self._ready: deque[tuple[int, bytes]] = deque()
        self._channel: int | None = None  # of the message whose end has not come yet
        self._is_over = False

    async def send(self, channel: int, data: bytes, timeout: float | None = None) -> None:
        message = BytesMessage(data=bytes((channel,)) + data)
        await self._stream.write(self._connection.send(message), timeout=timeout)

    async def receive(self, timeout: float | None = None) -> tuple[int, bytes] | None:
        """A channel and a piece of what came on it; None when the other side has closed."""
        while not self._ready and not self._is_over:
            data = await self._stream.read(READ, timeout=timeout)
            try:
                self._connection.receive_data(data or None)
                for event in self._connection.events():
                    await self._on(event, timeout)
            except ProtocolError as error:
                raise httpcore.RemoteProtocolError(f"no proper websocket: {error}") from error
        return self._ready.popleft() if self._ready else None

    async def _on(self, event: object, timeout: float | None) -> None:
        if isinstance(event, Ping):
            await self._stream.write(self._connection.send(event.response()), timeout=timeout)
        elif isinstance(event, CloseConnection):
            self._is_over = True
        elif isinstance(event, Message):
            data = event.data.encode() if isinstance(event.data, str) else bytes(event.data)
            if self._channel is None and data:
                self._channel, data = data[0], data[1:]
            if self._channel is not None and data:
                self._ready.append((self._channel, data))
            if event.message_finished:
                self._channel = None

    async def aclose(self) -> None:
        """Says good-bye where that is possible, and closes."""
        try:
            if self._connection.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
                await self._stream.write(self._connection.send(CloseConnection(code=1000)), timeout=1)
        except (httpcore.NetworkError, httpcore.TimeoutException):
            pass  # it is gone already
        finally:
            await self._response.aclose()
