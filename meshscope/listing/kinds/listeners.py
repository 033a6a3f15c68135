"""Listeners: one row each; in the table one line for each filter chain, in the listener's order."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.counters import ListenerCounters
from meshscope.envoy.resource import LISTENER, Resource
from meshscope.listing.column import PROXY, STATE, Column, counter
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import parts, steps
from meshscope.mesh.chains import ChainDestination, destination
from meshscope.mesh.counters import listener_counters
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable


class ListenerRow(RowOfProxy, frozen=True, kw_only=True):
    """`match` and `destinations` have an element for each chain, the default chain last.

    `address` is the IP, a pipe's path, or "" for an internal listener; `port` is null without a port. `connections`
    (active), `requests`, `errors_5xx` and `no_filter_chain_match` (connections that match no chain) are counters of the
    live proxy, null where they were not captured: absent is not zero.
    """

    name: str
    address: str
    port: int | None
    additional_addresses: tuple[str, ...] = ()
    bind_to_port: bool = True
    direction: str = ""
    chains: int = 0
    chain_names: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    route_configs: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    listener_filters: tuple[str, ...] = ()
    connections: int | None = None
    requests: int | None = None
    errors_5xx: int | None = None
    no_filter_chain_match: int | None = None
    version_info: str = ""
    last_updated: str = ""
    error: str | None = None


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[ListenerRow]:
    for proxy, share in parts(selection.proxies(mesh), work):
        found = []
        for resource in steps(proxy.resources(LISTENER, in_effect=selection.in_effect_only), share):
            if selection.has_state(resource.state) and fits(selection.name, resource.name):
                row = _row(proxy, resource, with_counters=selection.with_counters and resource.in_effect)
                if _selected(row, selection):
                    found.append(row)
        yield from sorted(found, key=_place)


def _place(row: ListenerRow) -> tuple[int, str]:
    """istioctl's order: by port and address."""
    return row.port or 0, row.address


def _row(proxy: Proxy, resource: Resource, *, with_counters: bool) -> ListenerRow:
    body = proxy.read(resource, Listener)
    listener = Listener() if isinstance(body, Undecodable) else body
    destinations = [destination(chain) for _, chain in listener.chains()]
    counters = listener_counters(proxy, listener) if with_counters else ListenerCounters()
    rejection = resource.error.details if resource.error else None
    return ListenerRow(
        proxy=proxy.name,
        name=resource.name,
        address="" if listener.is_internal else listener.address.host,
        port=listener.address.port,
        additional_addresses=tuple(str(address) for address in listener.addresses[1:]),
        bind_to_port=listener.binds,
        direction=listener.traffic_direction.lower().replace("unspecified", ""),
        chains=len(destinations),
        chain_names=tuple(chain.name for _, chain in listener.chains()),
        match=tuple(str(chain.filter_chain_match) for _, chain in listener.chains()),
        destinations=tuple(str(target) for target in destinations),
        route_configs=_distinct(destinations, "route_configs"),
        clusters=_distinct(destinations, "clusters"),
        listener_filters=tuple(extension.name for extension in listener.listener_filters),
        connections=counters.connections,
        requests=counters.requests,
        errors_5xx=counters.errors_5xx,
        no_filter_chain_match=counters.no_filter_chain_match,
        version_info=resource.version_info,
        last_updated=resource.last_updated,
        error=body.why if isinstance(body, Undecodable) else rejection,
        state=resource.state,
        location=resource.location,
    )


def _distinct(destinations: list[ChainDestination], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for target in destinations for name in getattr(target, field)))


def _types(row: ListenerRow) -> tuple[str, ...]:
    """What its chains lead to, and istioctl's words for that: HTTP, TCP, and HTTP+TCP for both."""
    own = tuple(dict.fromkeys(each.partition(":")[0].upper() for each in row.destinations))
    spoken = tuple(word for word, kinds in _SPOKEN.items() if not kinds.isdisjoint(own))
    return (*own, *spoken, "+".join(spoken))


_SPOKEN = {"HTTP": {"ROUTE", "SCOPED ROUTE", "INLINE ROUTE", "HTTP"}, "TCP": {"CLUSTER"}}


def _selected(row: ListenerRow, selection: Selection) -> bool:
    return (
        selection.port in (None, row.port)
        and fits(selection.address, row.address)
        and selection.direction.lower() in ("", row.direction)
        and selection.type.upper() in ("", *_types(row))
        and fits(selection.cluster, *row.clusters)
    )


KIND: Kind[ListenerRow] = Kind(
    name="listeners",
    filters=("proxy", "namespace", "labels", "port", "address", "direction", "type", "cluster", "name", "state"),
    singular="listener",
    row=ListenerRow,
    resource=LISTENER,
    rows=rows,
    key=lambda row: row.name,
    columns=(
        PROXY,
        Column("NAME", lambda row: row.name, wide=True),
        Column("ADDRESSES", lambda row: (row.address, *row.additional_addresses)),
        Column("PORT", lambda row: row.port if row.port is not None else 0),
        Column("#", lambda row: tuple(str(index) for index in range(row.chains)), rank=1),
        Column("CHAIN", lambda row: row.chain_names, wide=True),
        Column("MATCH", lambda row: row.match),
        Column("DESTINATION", lambda row: row.destinations),
        Column("BIND", lambda row: "yes" if row.bind_to_port else "no", wide=True),
        Column("DIRECTION", lambda row: row.direction, wide=True),
        STATE,
        Column("ERROR", lambda row: row.error, wide=True),
        counter("CX", lambda row: row.connections),
        counter("RQ", lambda row: row.requests),
        counter("5XX", lambda row: row.errors_5xx),
        counter("NO CHAIN MATCH", lambda row: row.no_filter_chain_match),
    ),
)
