"""Which proxies of a mesh a page draws, and which nodes of them its traces go through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from meshscope.listing.home import HomeView, proxies_by_place
from meshscope.mesh.graph import Node, cluster, listener, route_config
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.proxy_names import proxies_named
from meshscope.simulation.trace import Hop, Trace

FEW, MOST = 3, 12
"""Proxies that are drawn where nobody chose them, and at most."""


class Choice(Struct, frozen=True):
    """`note` says what was left out, "" where nothing was."""

    proxies: tuple[Proxy, ...]
    note: str


def choice(mesh: Mesh, home: HomeView, words: Sequence[str], traces: Sequence[Trace]) -> Choice:
    """The proxies of the words, else those that the traces go through, else a few. Raises UsageError for an unknown word."""
    if words:
        found = [proxy for word in words for proxy in proxies_named(mesh, word)]
        return _few(found, MOST, "named proxies; a pod's name draws it alone")
    if traces:
        known = proxies_by_place(mesh)
        places = ((hop.proxy, hop.mesh_cluster or "") for hop in _hops(traces))
        found = [known[place] for place in places if place in known]
        if found:
            return _few(found, MOST, "proxies of the traces; --proxy draws another one")
    return _few(
        _one_of_each_workload(mesh, home),
        FEW,
        "proxies, those with faults first; --proxy draws another one",
        len(mesh.proxies),
    )


def _few(found: Iterable[Proxy], most: int, of_what: str, total: int = 0) -> Choice:
    every = {proxy.id: proxy for proxy in found if proxy.view}
    total = total or len(every)
    chosen = tuple(every.values())[:most]
    return Choice(chosen, f"{len(chosen):,} of {total:,} {of_what}" if len(chosen) < total else "")


def _one_of_each_workload(mesh: Mesh, home: HomeView) -> Iterator[Proxy]:
    """Each proxy with faults, in Home's order, then one of each workload."""
    known = proxies_by_place(mesh)
    seen = set()
    for state in home.states:
        proxy = known.get((state.proxy, state.sync.mesh_cluster or ""))
        if proxy is None:
            continue
        workload = (proxy.id.mesh_cluster, proxy.id.namespace, proxy.workload or proxy.name)
        if state.faults or workload not in seen:
            yield proxy
        seen.add(workload)


def way(traces: Iterable[Trace], proxy: Proxy) -> frozenset[Node]:
    """The nodes of a proxy that the traces go through."""
    place = (proxy.name, proxy.id.mesh_cluster)
    hops = (hop for hop in _hops(traces) if (hop.proxy, hop.mesh_cluster or "") == place)
    return frozenset(node for hop in hops for node in _nodes(hop))


def _hops(traces: Iterable[Trace]) -> Iterator[Hop]:
    return (hop for trace in traces for path in trace.paths for hop in path.hops)


def _nodes(hop: Hop) -> Iterator[Node]:
    if hop.listener is not None:
        yield listener(hop.listener)
        if hop.filter_chain:
            index = hop.filter_chain.index
            yield Node("filterchain", (hop.listener, "default" if index is None else index))
    if hop.route_config is not None:
        tables = [route_config(hop.route_config)]
        if hop.filter_chain and hop.listener is not None:  # an inline table that shares its name
            index = hop.filter_chain.index
            tables.append(Node("route_config", (hop.route_config, hop.listener, "default" if index is None else index)))
        for table in tables:
            yield table
            if hop.virtual_host is not None:
                yield Node("virtual_host", (*table.key, hop.virtual_host))
                if hop.route:
                    yield Node("route", (*table.key, hop.virtual_host, hop.route.index))
    if hop.cluster is not None:
        yield cluster(hop.cluster)
        for endpoint in hop.endpoints or ():
            yield Node("endpoint", (hop.cluster, endpoint.address))
