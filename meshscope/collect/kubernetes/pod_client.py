"""One server in a pod, and the ways to reach it: the first one that works serves all requests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

from meshscope.collect.client import HttpResponse
from meshscope.collect.kubernetes.cluster import FORBIDDEN, KubernetesCluster
from meshscope.collect.kubernetes.exec_client import ExecClient
from meshscope.collect.kubernetes.pod_targets import ADMIN_PORT, PodTarget, Role
from meshscope.collect.kubernetes.port_forward_client import PortForwardClient

ISTIOD_PORTS = (15014, 8080)
"""Both serve the debug endpoints. 8080 may be switched off, 15014 exists since Istio 1.1."""
Way = PortForwardClient | ExecClient


def ways_to(cluster: KubernetesCluster, target: PodTarget) -> tuple[Way, ...]:
    """In the order in which they are tried. A ztunnel's image has no command for requests."""
    pod, container = target.pod, target.container
    if target.role is Role.ZTUNNEL:
        return (PortForwardClient(cluster, pod, ADMIN_PORT),)
    if target.role is Role.ISTIOD:
        forwards = (PortForwardClient(cluster, pod, port) for port in ISTIOD_PORTS)
        return (*forwards, ExecClient(cluster, pod, container, "pilot-discovery"))
    return (PortForwardClient(cluster, pod, ADMIN_PORT), ExecClient(cluster, pod, container, "pilot-agent"))


class PodClient:
    """A DocumentClient and a context manager."""

    def __init__(self, namespace: str, ways: Sequence[Way]) -> None:
        self.name = ways[0].name
        self._namespace = namespace
        self._ways = ways
        self._working_way: Way | None = None
        self._lock = asyncio.Lock()
        self._open_ways = AsyncExitStack()

    async def get(self, path: str) -> HttpResponse:
        async with self._lock:
            if self._working_way is None:
                return await self._get_first(path)
        return await self._working_way.get(path)

    async def _get_first(self, path: str) -> HttpResponse:
        """Tries each way until one reaches the server. A forbidden subresource is not tried on another port."""
        failures: list[tuple[Way, HttpResponse]] = []
        for way in self._ways:
            if any(one.subresource == way.subresource and failed.status == FORBIDDEN for one, failed in failures):
                continue
            response = await way.get(path)
            if response.is_reached:
                self._working_way = way
                return response
            failures.append((way, response))
        return HttpResponse(error=self._why(failures), is_reached=False)

    def _why(self, failures: Sequence[tuple[Way, HttpResponse]]) -> str:
        if all(response.status == FORBIDDEN for _, response in failures):
            subresources = " nor ".join(way.subresource for way, _ in failures)
            first = failures[0][0].subresource
            return f"cannot create {subresources} in {self._namespace}: ask for verbs get, create on {first}"
        return "; ".join(f"{way.what}: {response.failure}" for way, response in failures)

    async def __aenter__(self) -> Self:
        for way in self._ways:
            await self._open_ways.enter_async_context(way)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open_ways.aclose()
