"""What changes when a source changes, as cheaply as it can be had: for who watches.

Of an Envoy: the versions of its resources, and its hosts with their health. Of an istiod: what it sent and what was
acknowledged. Of files: their sizes and times. A cluster has nothing of that kind; it is asked anew each time.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from meshscope.collect.client import Answer
from meshscope.collect.http_client import HttpAsker
from meshscope.collect.live import Live
from meshscope.collect.live_source import AdminSource, IstiodSource, live_source
from meshscope.collect.spool import Spool
from meshscope.snapshot import naming, reading

_ENVOY = (
    "/config_dump?resource=dynamic_listeners&mask=name,active_state.version_info,error_state.last_update_attempt",
    "/config_dump?resource=dynamic_active_clusters&mask=version_info,last_updated",
    "/config_dump?resource=dynamic_route_configs&mask=version_info,last_updated",
)
_HOSTS = "/clusters?format=json"
_ISTIOD = "/debug/syncz"


class _Host(Struct):
    address: Raw = Raw()
    health_status: Raw = Raw()
    weight: int = 1


class _Cluster(Struct):
    name: str = ""
    host_statuses: tuple[_Host, ...] = ()


class _Clusters(Struct):
    cluster_statuses: tuple[_Cluster, ...] = ()


def versions(sources: Iterable[str], live: Live) -> str | None:
    """A text that differs once something changed; None where only asking anew would tell."""
    found = [_version(naming.split_name(source, reading.WORDS)[1], live) for source in sources]
    return None if None in found else "\n".join(filter(None, found))


def _version(place: str, live: Live) -> str | None:
    if naming.is_live(place):
        source = live_source(place)
        if isinstance(source, AdminSource):
            return asyncio.run(_asked(source.base, (*_ENVOY, _HOSTS), live))
        return (
            asyncio.run(_asked(source.base, (_ISTIOD,), live, live.token)) if isinstance(source, IstiodSource) else None
        )
    return place if place in reading.WORDS else " ".join(_files(Path(place)))


async def _asked(base: str, paths: tuple[str, ...], live: Live, token: str = "") -> str | None:
    async with HttpAsker(base, live, Spool(), token=token) as asker:
        answers = [await asker.get(path) for path in paths]
    if not all(answer.is_json for answer in answers):
        return None
    texts = (_hosts(answer) if path == _HOSTS else _body(answer) for path, answer in zip(paths, answers, strict=True))
    return " ".join(hashlib.sha256(text).hexdigest() for text in texts)


def _body(answer: Answer) -> bytes:
    return answer.stored.load() if answer.stored else b""


def _hosts(answer: Answer) -> bytes:
    """Without the counters, which change all the time."""
    try:
        return msgspec.json.encode(msgspec.json.decode(_body(answer), type=_Clusters))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _body(answer)


def _files(place: Path) -> Iterator[str]:
    several = [place]
    if place.is_dir():
        several = [Path(folder) / name for folder, _, names in os.walk(place) for name in sorted(names)]
    for path in several:
        try:
            seen = path.stat()
        except OSError:
            continue
        yield f"{path}:{seen.st_size}:{seen.st_mtime_ns}"
