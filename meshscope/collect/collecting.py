"""All live sources of a run, collected concurrently."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from meshscope.collect.cancelling import is_finished
from meshscope.collect.collection import CollectionRun, Progress, SourceCollection
from meshscope.collect.envoy_admin import DOCUMENTS, collect_envoy
from meshscope.collect.http_client import HttpClient, is_loopback
from meshscope.collect.istiod import collect_istiod
from meshscope.collect.live_source import AdminSource, IstiodSource, KubernetesSource, LiveSource, live_source
from meshscope.errors import UnreachableError
from meshscope.snapshot.snapshot import Snapshot


def collect(sources: Sequence[tuple[str, str, str]], run: CollectionRun) -> tuple[Snapshot, ...]:
    """A snapshot for each `(as typed, mesh cluster, place)`; one that gives no document is `unreachable`.

    Raises UsageError for a malformed address.
    """
    live_sources = [live_source(place) for _, _, place in sources]
    collections = [SourceCollection(run, typed, mesh_cluster) for typed, mesh_cluster, _ in sources]

    asyncio.run(_collect_all(collections, live_sources, run.progress))
    return tuple(collection.snapshot() for collection in collections)


async def _collect_all(
    collections: Sequence[SourceCollection], sources: Sequence[LiveSource], progress: Progress
) -> None:
    """Returns when everything is collected, or soon after cancellation; requests in flight are then abandoned."""
    tasks = asyncio.gather(*map(_collect_source, collections, sources))
    if await is_finished(tasks, lambda: progress.is_cancelled):
        tasks.result()
    else:
        collections[0].add_problem("", f"cancelled: {progress.missing:,} documents were not captured")


async def _collect_source(collection: SourceCollection, source: LiveSource) -> None:
    try:
        if isinstance(source, KubernetesSource):
            from meshscope.collect.kubernetes.collecting import collect_cluster  # its client is large

            await collect_cluster(collection, source)
        else:
            await _collect_server(collection, source)
    except UnreachableError as error:
        collection.give_up(str(error))
    else:
        if collection.is_empty and not collection.progress.is_cancelled:
            collection.give_up(
                f"{collection.source}: {collection.first_failure}{_advice(source, collection.first_failure)}"
            )


async def _collect_server(collection: SourceCollection, source: AdminSource | IstiodSource) -> None:
    address = source.base.partition("://")[2]
    token = collection.live.token if isinstance(source, IstiodSource) else ""  # only istiod may see it
    client = HttpClient(source.base, collection.live, collection.spool, token=token)
    if isinstance(source, AdminSource):
        collection.progress.expect(DOCUMENTS)  # counted before its turn, so that the total is known early
    async with collection.servers, client:
        if isinstance(source, IstiodSource):
            await collect_istiod(collection, client, address)
        else:
            await collect_envoy(collection, client, collection.proxy_id("", address))


def _advice(source: LiveSource, failure: str) -> str:
    """How to open a port that nothing listens on; where something answers it, another port would not help."""
    if (
        isinstance(source, KubernetesSource)
        or "refused" not in failure
        or not is_loopback(urlsplit(source.base).hostname)
    ):
        return ""
    return _ADVICE[type(source)]


_ADVICE = {
    AdminSource: "; `kubectl port-forward POD 15000` opens a proxy's admin at http://127.0.0.1:15000",
    IstiodSource: "; `kubectl port-forward -n istio-system deploy/istiod 15014` opens istiod's at istiod+http://127.0.0.1:15014",
}
