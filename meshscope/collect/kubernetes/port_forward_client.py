"""GET through a port-forward to one port of a pod."""

from __future__ import annotations

import asyncio
from typing import Self

import httpcore
import httpx

from meshscope.collect.client import HttpResponse
from meshscope.collect.content_encoding import ACCEPTED
from meshscope.collect.http_client import HttpClient
from meshscope.collect.kubernetes.cluster import KubernetesCluster, UpgradeFailure
from meshscope.collect.kubernetes.object_lists import PAUSES
from meshscope.collect.kubernetes.pod_targets import PodName
from meshscope.collect.kubernetes.tunnel import PROTOCOLS, Tunnel, TunnelTransport

_BUSY = (429, 503)
"""Statuses worth another try. A 500 usually means that the node is gone."""


class PortForwardClient:
    """A DocumentClient and a context manager. The first `get` connects; if it fails, `is_reached` is false."""

    subresource = "pods/portforward"

    def __init__(self, cluster: KubernetesCluster, pod: PodName, port: int) -> None:
        self.name = f"{cluster.name}/{pod}"
        self.what = f"port-forward to {port}"
        self._cluster, self._pod, self._port = cluster, pod, port
        self._first_tunnel: Tunnel | None = None
        self._unused_tunnel: Tunnel | None = None
        client = httpx.AsyncClient(
            headers={"accept-encoding": ACCEPTED},
            transport=TunnelTransport(self._next_tunnel),
            timeout=httpx.Timeout(cluster.live.timeout, pool=None),
            trust_env=False,
        )
        self._client = HttpClient(
            f"http://localhost:{port}", cluster.live, cluster.spool, name=self.name, client=client
        )

    async def get(self, path: str) -> HttpResponse:
        if self._first_tunnel is not None:
            return await self._client.get(path)
        tunnel = await self._open()
        if isinstance(tunnel, UpgradeFailure):
            return HttpResponse(tunnel.status, error=tunnel.why, is_reached=False)
        self._first_tunnel = self._unused_tunnel = tunnel
        response = await self._client.get(path)
        return HttpResponse(error=tunnel.refusal, is_reached=False) if tunnel.refusal else response

    async def _next_tunnel(self) -> Tunnel:
        """A connection for the client's pool: the first tunnel, then a new one for each further call."""
        unused, self._unused_tunnel = self._unused_tunnel, None
        tunnel = unused or await self._open()
        if isinstance(tunnel, UpgradeFailure):
            raise httpcore.ReadError(tunnel.why)  # not a ConnectError, which would be retried
        return tunnel

    async def _open(self) -> Tunnel | UpgradeFailure:
        path = f"{self._pod.path}/portforward"
        query = (("ports", str(self._port)),)
        channels = await self._cluster.upgrade(path, query, PROTOCOLS)
        for pause in PAUSES:
            if not isinstance(channels, UpgradeFailure) or channels.status not in _BUSY:
                break
            await asyncio.sleep(pause)
            channels = await self._cluster.upgrade(path, query, PROTOCOLS)
        return channels if isinstance(channels, UpgradeFailure) else Tunnel(channels)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._unused_tunnel is not None:
            await self._unused_tunnel.aclose()
        await self._client.__aexit__()
