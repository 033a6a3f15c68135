"""The lists of one resource that a patch may touch, to be changed in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from meshscope.effect.patches.matching import has_context, is_around, is_member
from meshscope.effect.patches.parts import Parts
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.overlay.patches.merging import Json
from meshscope.overlay.patches.sequence import Patched

KINDS = {
    "CLUSTER": (CLUSTER,),
    "LISTENER": (LISTENER,),
    "LISTENER_FILTER": (LISTENER,),
    "FILTER_CHAIN": (LISTENER,),
    "NETWORK_FILTER": (LISTENER,),
    "HTTP_FILTER": (LISTENER,),
    "ROUTE_CONFIGURATION": (ROUTES, LISTENER),
    "VIRTUAL_HOST": (ROUTES, LISTENER),
    "HTTP_ROUTE": (ROUTES, LISTENER),
}
"""The kinds of resources that have parts of each kind, in the order in which istiod patches them."""
_MANAGER = "HttpConnectionManager"
_DEFAULT = "default_filter_chain"


class Members(Struct, frozen=True, eq=False):
    """One list: `holder[key]`, in the messages `within`. Without a key the holder is the member itself."""

    holder: Json
    key: str
    within: tuple[Json, ...] = ()

    @property
    def items(self) -> list[Json]:
        return [self.holder] if not self.key else list(self.holder.get(self.key, ()))

    def put(self, items: list[Json]) -> None:
        if items:
            self.holder[self.key] = items
        else:
            self.holder.pop(self.key, None)


def context_of(kind: str, body: Json, *, is_gateway: bool) -> str:
    """Of a resource; a table inside of a listener has that of the listener."""
    if is_gateway:
        return "GATEWAY"
    is_inbound = (
        body.get("traffic_direction") == "INBOUND"
        if kind == LISTENER
        else str(body.get("name", "")).startswith("inbound")
    )
    return "SIDECAR_INBOUND" if is_inbound else "SIDECAR_OUTBOUND"


def matching(patch: Patched, kind: str, body: Json, context: str) -> Iterator[Members]:
    """The lists that the patch asks for by what is around them, whichever members they have."""
    if kind in KINDS.get(patch.apply_to, ()) and has_context(patch.wanted, context):
        for one in _READERS[patch.apply_to](body):
            if is_around(patch.wanted, patch.apply_to, Parts(context, tuple(one.items), one.within)):
                yield one


def is_one(patch: Patched, member: Json) -> bool:
    return is_member(patch.wanted, patch.apply_to, member)


def has_anchor(patch: Patched) -> bool:
    """Whether the patch names a member of the list."""
    listener, table = patch.wanted.listener, patch.wanted.route_configuration
    chain = listener.filter_chain if listener else None
    network = chain.filter if chain else None
    if patch.apply_to == "LISTENER_FILTER":
        return bool(listener and listener.listener_filter)
    if patch.apply_to == "NETWORK_FILTER":
        return bool(network and network.name)
    if patch.apply_to == "HTTP_FILTER":
        return bool(network and network.sub_filter and network.sub_filter.name)
    return bool(table and table.vhost and table.vhost.route)


def chains_of(body: Json) -> Iterator[Json]:
    yield from body.get("filter_chains", ())
    if body.get(_DEFAULT):
        yield body[_DEFAULT]


def _chains(body: Json) -> Iterator[Members]:
    yield Members(body, "filter_chains", (body,))
    if body.get(_DEFAULT):
        yield Members(body[_DEFAULT], "", (body,))


def _filters(body: Json) -> Iterator[Members]:
    for chain in chains_of(body):
        if chain.get("filters"):
            yield Members(chain, "filters", (body, chain))


def managers(body: Json) -> Iterator[tuple[tuple[Json, ...], Json]]:
    """The configurations of HTTP connection managers, each with the listener, the chain and the filter."""
    for one in _filters(body):
        for each in one.items:
            config: Any = each.get("typed_config", {})
            if str(config.get("@type", "")).endswith(_MANAGER):
                yield (*one.within, each), config


def _http_filters(body: Json) -> Iterator[Members]:
    yield from (Members(config, "http_filters", within) for within, config in managers(body))


def tables_of(body: Json) -> Iterator[Json]:
    """The body itself where it is a route configuration, else those inside of a listener."""
    if "virtual_hosts" in body or not ("filter_chains" in body or _DEFAULT in body):
        yield body
    else:
        yield from (config["route_config"] for _, config in managers(body) if config.get("route_config"))


def _hosts(body: Json) -> Iterator[Members]:
    yield from (Members(table, "virtual_hosts", (table,)) for table in tables_of(body))


def _routes(body: Json) -> Iterator[Members]:
    for one in _hosts(body):
        yield from (Members(host, "routes", (*one.within, host)) for host in one.items)


_READERS: dict[str, Callable[[Json], Iterator[Members]]] = {
    "CLUSTER": lambda body: iter([Members(body, "")]),
    "LISTENER": lambda body: iter([Members(body, "")]),
    "LISTENER_FILTER": lambda body: iter([Members(body, "listener_filters", (body,))]),
    "FILTER_CHAIN": _chains,
    "NETWORK_FILTER": _filters,
    "HTTP_FILTER": _http_filters,
    "ROUTE_CONFIGURATION": lambda body: (Members(table, "") for table in tables_of(body)),
    "VIRTUAL_HOST": _hosts,
    "HTTP_ROUTE": _routes,
}
