"""A cheap fingerprint of a source, which differs once the source has changed: for `--watch`.

For an Envoy: the versions of its resources, and its hosts with their health. For an istiod: what it sent and what was
acknowledged. For files: sizes and times. A Kubernetes cluster has no fingerprint and is collected anew each time.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Raw, Struct

from meshscope.collect.cancelling import is_finished
from meshscope.collect.client import HttpResponse
from meshscope.collect.file_version import file_version
from meshscope.collect.http_client import HttpClient
from meshscope.collect.live import Live
from meshscope.collect.live_source import AdminSource, IstiodSource, live_source
from meshscope.collect.spool import Spool
from meshscope.snapshot import naming, reading
from meshscope.work import UNFOLLOWED, Work

_ENVOY_PATHS = (
    "/config_dump?resource=dynamic_listeners&mask=name,active_state.version_info,error_state.last_update_attempt",
    "/config_dump?resource=dynamic_active_clusters&mask=version_info,last_updated",
    "/config_dump?resource=dynamic_route_configs&mask=version_info,last_updated",
)
_CLUSTERS_PATH = "/clusters?format=json"
_SYNC_PATH = "/debug/syncz"


class _Host(Struct):
    address: Raw = Raw()
    health_status: Raw = Raw()
    weight: int = 1


class _Cluster(Struct):
    name: str = ""
    host_statuses: tuple[_Host, ...] = ()


class _Clusters(Struct):
    cluster_statuses: tuple[_Cluster, ...] = ()


def versions(sources: Iterable[str], live: Live, work: Work = UNFOLLOWED) -> str | None:
    """The fingerprint of all sources; None if one of them has none, and soon after cancellation."""
    fingerprints = [_fingerprint(naming.split_name(source, reading.WORDS)[1], live, work) for source in sources]
    return None if None in fingerprints else "\n".join(filter(None, fingerprints))


def _fingerprint(place: str, live: Live, work: Work) -> str | None:
    if not naming.is_live(place):
        return file_version(place)
    source = live_source(place)
    if isinstance(source, AdminSource):
        return asyncio.run(_response_hashes(source.base, (*_ENVOY_PATHS, _CLUSTERS_PATH), live, work))
    if isinstance(source, IstiodSource):
        return asyncio.run(_response_hashes(source.base, (_SYNC_PATH,), live, work, live.token))
    return None


async def _response_hashes(base: str, paths: tuple[str, ...], live: Live, work: Work, token: str = "") -> str | None:
    """None if the server does not answer each of the paths with JSON; after the first that it does not no other is asked."""
    responses: list[HttpResponse] = []

    async def ask() -> None:
        async with HttpClient(base, live, Spool(), token=token) as client:
            for path in paths:
                responses.append(await client.get(path))
                if not responses[-1].is_json:
                    return

    asking = asyncio.ensure_future(ask())
    if not await is_finished(asking, lambda: work.cancelled is not None and work.cancelled()):
        return None
    asking.result()
    if not all(response.is_json for response in responses):
        return None
    texts = (
        _hosts(response) if path == _CLUSTERS_PATH else _body(response)
        for path, response in zip(paths, responses, strict=True)
    )
    return " ".join(hashlib.sha256(text).hexdigest() for text in texts)


def _body(response: HttpResponse) -> bytes:
    return response.body.load() if response.body else b""


def _hosts(response: HttpResponse) -> bytes:
    """The response without its counters, which change all the time."""
    try:
        return msgspec.json.encode(msgspec.json.decode(_body(response), type=_Clusters))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _body(response)
