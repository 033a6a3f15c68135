"""Answers that something decides about that is not rebuilt are unknown, and name it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from meshscope.istio.hosts import is_within
from meshscope.istio.names import parse_cluster
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Direction, Hop, Path, Trace

MOST_NAMED = 3


def doubted(trace: Trace, not_rebuilt: Iterable[NotRebuilt]) -> Trace:
    """Each path with the assumption that what is not rebuilt on its way stays as it is."""
    deciding = tuple(one for one in not_rebuilt if one.decides not in (Reach.NOTHING, Reach.NOWHERE))
    return replace(trace, paths=tuple(_doubted(path, deciding) for path in trace.paths)) if deciding else trace


def _doubted(path: Path, not_rebuilt: tuple[NotRebuilt, ...]) -> Path:
    found = tuple(dict.fromkeys(_words(one) for one in not_rebuilt if any(_decides(one, path))))
    if not found:
        return path
    more = (f"and {len(found) - MOST_NAMED} more of this kind",) if len(found) > MOST_NAMED else ()
    is_known = path.disposition is not Disposition.UNKNOWN
    return replace(
        path,
        disposition=Disposition.UNKNOWN,
        response=None,
        caller=None,
        assuming=(*found[:MOST_NAMED], *more, *path.assuming),
        if_passed=path.disposition if is_known else path.if_passed,
    )


def _words(one: NotRebuilt) -> str:
    return f"nothing changes by what is not rebuilt: {one}"


def _decides(one: NotRebuilt, path: Path) -> Iterator[bool]:
    if one.decides is Reach.HOSTS:
        some = [hop for hop in path.hops if one.proxy in (None, hop.proxy)]
        yield not path.hops or any(_meets_hosts(hop, one.name.split(",")) for hop in some)
        return
    if one.proxy is None:
        yield True
    for hop in path.hops:
        if hop.proxy == one.proxy:
            yield _decides_at(one, hop)


def _decides_at(one: NotRebuilt, hop: Hop) -> bool:
    if one.decides is Reach.INBOUND:
        return hop.direction is Direction.INBOUND
    if one.decides is Reach.LISTENER:
        return hop.listener in (None, one.name)
    if one.decides is Reach.CLUSTER:
        return hop.cluster == one.name
    if one.decides is Reach.ROUTES:
        table, slash, host = one.name.partition("/")
        return hop.route_config == table and (not slash or hop.virtual_host in (None, host) or _was_missed(hop, host))
    return True


def _meets_hosts(hop: Hop, hosts: list[str]) -> bool:
    """Also a way that names no host: today's proxies may know none, where tomorrow's do."""
    cluster = parse_cluster(hop.cluster or "")
    if cluster is None:
        return hop.direction is not Direction.INBOUND
    host = (hop.virtual_host or "").rpartition(":")[0]
    return any(is_within(name, pattern) for pattern in hosts for name in (cluster.host, host) if name)


def _was_missed(hop: Hop, host: str) -> bool:
    """Whether another virtual host took the request, which this one may take were it there."""
    names = (hop.virtual_host or "").partition(":")[0]
    return names in ("*", "allow_any", "block_all") or (
        names.startswith("*") and host.partition(":")[0].endswith(names[1:])
    )
