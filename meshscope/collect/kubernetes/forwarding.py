"""GET through a port-forward to one port of a pod."""

from __future__ import annotations

import asyncio
from typing import Self

import httpcore
import httpx

from meshscope.collect.client import Answer
from meshscope.collect.http_client import HttpAsker
from meshscope.collect.kubernetes.cluster import Cluster, Refusal
from meshscope.collect.kubernetes.finding import PodName
from meshscope.collect.kubernetes.listing import PAUSES
from meshscope.collect.kubernetes.tunnel import PROTOCOLS, Tunnel, TunnelTransport

_BUSY = (429, 503)
"""A 500 is mostly a node that is gone."""


class Forwarded:
    """An Asker, and a context manager. The first `get` connects: one that reaches nobody was not let through."""

    subresource = "pods/portforward"

    def __init__(self, cluster: Cluster, pod: PodName, port: int) -> None:
        self.name = f"{cluster.name}/{pod}"
        self.what = f"port-forward to {port}"
        self._cluster, self._pod, self._port = cluster, pod, port
        self._first: Tunnel | None = None
        self._spare: Tunnel | None = None
        client = httpx.AsyncClient(
            transport=TunnelTransport(self._next), timeout=httpx.Timeout(cluster.live.timeout, pool=None)
        )
        self._asker = HttpAsker(f"http://localhost:{port}", cluster.live, cluster.spool, name=self.name, client=client)

    async def get(self, path: str) -> Answer:
        if self._first is not None:
            return await self._asker.get(path)
        opened = await self._open()
        if isinstance(opened, Refusal):
            return Answer(opened.status, error=opened.why, is_reached=False)
        self._first = self._spare = opened
        answer = await self._asker.get(path)
        return Answer(error=opened.refused, is_reached=False) if opened.refused else answer

    async def _next(self) -> Tunnel:
        """For the client's pool: the one that was opened first, then others as it needs them."""
        spare, self._spare = self._spare, None
        opened = spare or await self._open()
        if isinstance(opened, Refusal):
            raise httpcore.ReadError(opened.why)  # no ConnectError: nobody is to try that again
        return opened

    async def _open(self) -> Tunnel | Refusal:
        path = f"{self._pod.path}/portforward"
        query = (("ports", str(self._port)),)
        opened = await self._cluster.upgrade(path, query, PROTOCOLS)
        for pause in PAUSES:
            if not isinstance(opened, Refusal) or opened.status not in _BUSY:
                break
            await asyncio.sleep(pause)
            opened = await self._cluster.upgrade(path, query, PROTOCOLS)
        return opened if isinstance(opened, Refusal) else Tunnel(opened)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._spare is not None:
            await self._spare.aclose()
        await self._asker.__aexit__()
