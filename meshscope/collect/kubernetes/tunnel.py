"""HTTP through a pod's port-forward: a websocket in the place of a TCP connection, without a local port.

The kubelet says which port a channel is for, in the channel's first two bytes: 0 carries the bytes of the connection, 1 why
there is none. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpcore
import httpx

from meshscope.collect.kubernetes.channels import Channels

PROTOCOLS = ("v4.channel.k8s.io",)
CONNECTIONS = 3
"""At once to one server: an admin answers one request after another, but one that hangs keeps the next from waiting."""
_DATA, _ERROR = 0, 1
_PORT = 2
"""Bytes of the port's number at the beginning of each channel."""


class Tunnel(httpcore.AsyncNetworkStream):
    """One connection to a port of a pod. `refused` says why there is none, once something was asked of it."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._preface = {_DATA: _PORT, _ERROR: _PORT}
        self._has_come = False
        self.refused = ""
        self._waiting = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while not self._waiting:
            came = await self._channels.receive(timeout)
            if came is None:
                return b""
            channel, data = came
            skipped = min(self._preface.get(channel, 0), len(data))
            self._preface[channel] = self._preface.get(channel, 0) - skipped
            data = data[skipped:]
            if channel == _ERROR and data:
                why = " ".join(data.decode("utf-8", "replace").split())
                self.refused = "" if self._has_come else why
                raise httpcore.ReadError(why)
            if channel == _DATA:
                self._waiting = data
        self._has_come = True
        piece, self._waiting = self._waiting[:max_bytes], self._waiting[max_bytes:]
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
        host: str,  # noqa: ARG002  # the pod's port is where every connection leads
        port: int,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002  # the API server's client has its own
        local_address: str | None = None,  # noqa: ARG002
        socket_options: object = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        return await self._connect()


class TunnelTransport(httpx.AsyncBaseTransport):
    """For an httpx client whose connections are tunnels; `connect` opens one more, or raises an error of httpcore's."""

    def __init__(self, connect: Callable[[], Awaitable[Tunnel]]) -> None:
        self._pool = httpcore.AsyncConnectionPool(max_connections=CONNECTIONS, network_backend=_Backend(connect))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = httpcore.Request(
            request.method, str(request.url), headers=request.headers.raw, extensions=request.extensions
        )
        with _as_httpx():
            answer = await self._pool.handle_async_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._answer.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """httpx has an error of the same name for each of httpcore's."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
        raise kind(str(error)) from error
