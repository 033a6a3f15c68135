"""All live sources of a run, asked side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from meshscope.collect.envoy_admin import ask_envoy
from meshscope.collect.errand import Errand, Run
from meshscope.collect.http_asker import HttpAsker
from meshscope.collect.istiod import ask_istiod
from meshscope.collect.live_source import IstiodSource, KubernetesSource, LiveSource, live_source
from meshscope.errors import UnreachableError, UsageError
from meshscope.snapshot.snapshot import Snapshot


def collected(sources: Sequence[tuple[str, str, str]], run: Run) -> tuple[Snapshot, ...]:
    """A snapshot for each `(as typed, mesh cluster, place)`. Raises UsageError, and UnreachableError where nothing came."""
    asked = [live_source(place) for _, _, place in sources]
    errands = [Errand(run, typed, mesh_cluster) for typed, mesh_cluster, _ in sources]

    async def all_of_them() -> None:
        await asyncio.gather(*map(_ask, errands, asked))

    asyncio.run(all_of_them())
    return tuple(errand.snapshot() for errand in errands)


async def _ask(errand: Errand, source: LiveSource) -> None:
    if isinstance(source, KubernetesSource):
        from meshscope.collect.kubernetes.gathering import gather  # noqa: PLC0415  # its client is large

        await gather(errand, source)
    else:
        address = source.base.partition("://")[2]
        try:
            asker = HttpAsker(source.base, errand.live, errand.spool)
        except ValueError as error:
            raise UsageError(f"{source.base}: {error}") from None
        async with asker:
            if isinstance(source, IstiodSource):
                await ask_istiod(errand, asker, address)
            else:
                await ask_envoy(errand, asker, errand.proxy("", address))
    if errand.is_empty:
        raise UnreachableError(f"{errand.source}: {errand.why_empty}")
