"""All live sources of a run, asked side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from meshscope.collect.collection import Errand, Run, Tally
from meshscope.collect.envoy_admin import DOCUMENTS, ask_envoy
from meshscope.collect.http_client import HttpAsker
from meshscope.collect.istiod import ask_istiod
from meshscope.collect.live_source import AdminSource, IstiodSource, KubernetesSource, LiveSource, live_source
from meshscope.errors import UnreachableError, UsageError
from meshscope.snapshot.snapshot import Snapshot

_LOOK = 0.1
"""Seconds between two looks at the cancel token."""


def collected(sources: Sequence[tuple[str, str, str]], run: Run) -> tuple[Snapshot, ...]:
    """A snapshot for each `(as typed, mesh cluster, place)`. Raises UsageError, and UnreachableError where nothing came."""
    asked = [live_source(place) for _, _, place in sources]
    errands = [Errand(run, typed, mesh_cluster) for typed, mesh_cluster, _ in sources]

    asyncio.run(_all(errands, asked, run.tally))
    return tuple(errand.snapshot() for errand in errands)


async def _all(errands: Sequence[Errand], asked: Sequence[LiveSource], tally: Tally) -> None:
    """Until all came, or somebody wants no more; then what is on its way is left."""
    work = asyncio.gather(*map(_ask, errands, asked))
    while not work.done():
        await asyncio.wait([work], timeout=_LOOK)
        if tally.is_cancelled and not work.done():
            work.cancel()
            await asyncio.wait([work])
            errands[0].problem("", f"cancelled: {tally.missing:,} documents were not captured")
            return
    work.result()


async def _ask(errand: Errand, source: LiveSource) -> None:
    if isinstance(source, KubernetesSource):
        from meshscope.collect.kubernetes.gathering import gather  # its client is large

        await gather(errand, source)
    else:
        address = source.base.partition("://")[2]
        try:
            token = errand.live.token if isinstance(source, IstiodSource) else ""  # nobody else is to see it
            asker = HttpAsker(source.base, errand.live, errand.spool, token=token)
        except ValueError as error:
            raise UsageError(f"{source.base}: {error}") from None
        if isinstance(source, AdminSource):
            errand.tally.expect(DOCUMENTS)  # before its turn comes, so that the total is known early
        async with errand.servers, asker:
            if isinstance(source, IstiodSource):
                await ask_istiod(errand, asker, address)
            else:
                await ask_envoy(errand, asker, errand.proxy("", address))
    if errand.is_empty:
        raise UnreachableError(f"{errand.source}: {errand.why_empty}{_ADVICE.get(type(source), '')}")


_ADVICE = {
    AdminSource: "; `kubectl port-forward POD 15000` opens a proxy's admin at http://127.0.0.1:15000",
    IstiodSource: "; `kubectl port-forward -n istio-system deploy/istiod 15014` opens istiod's at istiod+http://127.0.0.1:15014",
}
