"""One server in a pod and the ways to it: the first that leads there is kept for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

from meshscope.collect.client import Answer
from meshscope.collect.kubernetes.cluster import FORBIDDEN, Cluster
from meshscope.collect.kubernetes.executing import Executed
from meshscope.collect.kubernetes.finding import ADMIN_PORT, Found, Role
from meshscope.collect.kubernetes.forwarding import Forwarded

ISTIOD_PORTS = (15014, 8080)
"""Both serve the debug endpoints; 8080 alone may be switched off, 15014 came with Istio 1.1."""
Way = Forwarded | Executed


def ways_to(cluster: Cluster, found: Found) -> tuple[Way, ...]:
    """A ztunnel's image has no command that asks it."""
    pod, container = found.pod, found.container
    if found.role is Role.ZTUNNEL:
        return (Forwarded(cluster, pod, ADMIN_PORT),)
    if found.role is Role.ISTIOD:
        forwards = (Forwarded(cluster, pod, port) for port in ISTIOD_PORTS)
        return (*forwards, Executed(cluster, pod, container, "pilot-discovery"))
    return (Forwarded(cluster, pod, ADMIN_PORT), Executed(cluster, pod, container, "pilot-agent"))


class Reached:
    """An Asker, and a context manager."""

    def __init__(self, namespace: str, ways: Sequence[Way]) -> None:
        self.name = ways[0].name
        self._namespace = namespace
        self._ways = ways
        self._chosen: Way | None = None
        self._choosing = asyncio.Lock()
        self._open = AsyncExitStack()

    async def get(self, path: str) -> Answer:
        async with self._choosing:
            if self._chosen is None:
                return await self._choose(path)
        return await self._chosen.get(path)

    async def _choose(self, path: str) -> Answer:
        refused: list[tuple[Way, Answer]] = []
        for way in self._ways:
            if any(one.subresource == way.subresource and answer.status == FORBIDDEN for one, answer in refused):
                continue
            answer = await way.get(path)
            if answer.is_reached:
                self._chosen = way
                return answer
            refused.append((way, answer))
        return Answer(error=self._why(refused), is_reached=False)

    def _why(self, refused: Sequence[tuple[Way, Answer]]) -> str:
        if all(answer.status == FORBIDDEN for _, answer in refused):
            asked = " nor ".join(way.subresource for way, _ in refused)
            return (
                f"cannot create {asked} in {self._namespace}: ask for verbs get, create on {refused[0][0].subresource}"
            )
        return "; ".join(f"{way.what}: {answer.said}" for way, answer in refused)

    async def __aenter__(self) -> Self:
        for way in self._ways:
            await self._open.enter_async_context(way)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()
