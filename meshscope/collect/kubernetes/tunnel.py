"""HTTP through a pod's port-forward: a websocket instead of a TCP connection, without a local port.

The first two bytes of each channel are the port's number. Channel 0 carries the bytes of the connection, channel 1 the error.
 https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from meshscope.collect.kubernetes.channels import Channels

PROTOCOLS = ("v4.channel.k8s.io",)
CONNECTIONS = 3
"""Concurrent connections to one server. An admin answers sequentially; more connections keep one hanging request from
blocking the others."""
_DATA, _ERROR = 0, 1
_PORT = 2
"""Bytes of the port's number at the beginning of each channel."""


class Tunnel(httpcore.AsyncNetworkStream):
    """One connection to a port of a pod. `refusal` is the reason if the first read finds that there is no connection."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._preface = {_DATA: _PORT, _ERROR: _PORT}
        self._has_data = False
        self.refusal = ""
        self._buffer = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while not self._buffer:
            received = await self._channels.receive(timeout)
            if received is None:
                return b""
            channel, data = received
            preface = min(self._preface.get(channel, 0), len(data))
            self._preface[channel] = self._preface.get(channel, 0) - preface
            data = data[preface:]
            if channel == _ERROR and data:
                why = " ".join(data.decode("utf-8", "replace").split())
                self.refusal = "" if self._has_data else why
                raise httpcore.ReadError(why)
            if channel == _DATA:
                self._buffer = data
        self._has_data = True
        piece, self._buffer = self._buffer[:max_bytes], self._buffer[max_bytes:]
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._channels.send(_DATA, buffer, timeout)

    async def aclose(self) -> None:
        await self._channels.aclose()


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, connect: Callable[[], Awaitable[Tunnel]]) -> None:
        self._connect = connect

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002  # every connection leads to the pod's port
        port: int,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002  # the API server's client has its own
        local_address: str | None = None,  # noqa: ARG002
        socket_options: object = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        return await self._connect()


class TunnelTransport(httpx.AsyncBaseTransport):
    """For an httpx client whose connections are tunnels. `connect` opens another tunnel, or raises an error of httpcore."""

    def __init__(self, connect: Callable[[], Awaitable[Tunnel]]) -> None:
        self._pool = httpcore.AsyncConnectionPool(max_connections=CONNECTIONS, network_backend=_Backend(connect))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        core_request = httpcore.Request(
            request.method, str(request.url), headers=request.headers.raw, extensions=request.extensions
        )
        with _as_httpx():
            response = await self._pool.handle_async_request(core_request)
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response), extensions=response.extensions
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._response.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Translates httpcore's errors: httpx has one of the same name for each."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error
