"""Parts of a proxy's configuration, in the lists in which a patch of an EnvoyFilter looks for them.

Bodies are JSON as Envoy has it: a patch may touch any field, also one that no type here has.
https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ApplyTo
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct

from meshscope.effect.clients import Client
from meshscope.envoy.resource import CLUSTER, LISTENER, STATIC, Resource
from meshscope.untyped import untyped

Json = dict[str, Any]
_MANAGER = "HttpConnectionManager"


class Parts(Struct, frozen=True):
    """The members of one list. `within` are the messages around it, the outermost first: of an HTTP filter the listener, the
    chain, and the network filter.
    """

    context: str
    members: tuple[Json, ...]
    within: tuple[Json, ...] = ()


def parts_of(client: Client, apply_to: str) -> Iterator[Parts] | None:
    """All lists of the kind; None for one that dumps do not show, as the bootstrap's patches, or that is not known."""
    read = _READERS.get(apply_to)
    return read(client) if read else None


def _body(resource: Resource) -> Json:
    return _json(resource.canonical())


def _json(raw: Raw | bytes) -> Json:
    try:
        value = untyped(raw)
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _context(client: Client, *, is_inbound: bool) -> str:
    if client.kind == "gateway":
        return "GATEWAY"
    return "SIDECAR_INBOUND" if is_inbound else "SIDECAR_OUTBOUND"


def _in_contexts(client: Client, found: list[tuple[bool, Json]]) -> Iterator[Parts]:
    for is_inbound in (True, False):
        members = tuple(body for inbound, body in found if inbound is is_inbound)
        if members:
            yield Parts(_context(client, is_inbound=is_inbound), members)


def _sent(client: Client, kind: str) -> Iterator[Resource]:
    """By istiod: its patches are for nothing that a proxy was started with."""
    return (one for one in client.proxy.resources(kind) if one.state != STATIC)


def _clusters(client: Client) -> Iterator[Parts]:
    resources = _sent(client, CLUSTER)
    yield from _in_contexts(client, [(one.name.startswith("inbound"), _body(one)) for one in resources])


def _listeners(client: Client) -> Iterator[Parts]:
    bodies = [_body(one) for one in _sent(client, LISTENER)]
    yield from _in_contexts(client, [(body.get("traffic_direction") == "INBOUND", body) for body in bodies])


def _each_listener(client: Client) -> Iterator[tuple[str, Json]]:
    for parts in _listeners(client):
        yield from ((parts.context, body) for body in parts.members)


def _chains(client: Client) -> Iterator[Parts]:
    for context, listener in _each_listener(client):
        default = listener.get("default_filter_chain")
        chains = (*listener.get("filter_chains", ()), *((default,) if default else ()))
        yield Parts(context, chains, (listener,))


def _listener_filters(client: Client) -> Iterator[Parts]:
    for context, listener in _each_listener(client):
        yield Parts(context, tuple(listener.get("listener_filters", ())), (listener,))


def _network_filters(client: Client) -> Iterator[Parts]:
    for parts in _chains(client):
        for chain in parts.members:
            yield Parts(parts.context, tuple(chain.get("filters", ())), (*parts.within, chain))


def _http_filters(client: Client) -> Iterator[Parts]:
    for parts in _network_filters(client):
        for one in parts.members:
            config = one.get("typed_config", {})
            if config.get("@type", "").endswith(_MANAGER):
                yield Parts(parts.context, tuple(config.get("http_filters", ())), (*parts.within, one))


def _tables(client: Client) -> Iterator[Parts]:
    inline = {one.name for one in client.proxy.inline_tables if one.state != STATIC}
    tables = (one for one in client.proxy.route_tables() if one.state != STATIC or one.name in inline)
    yield from _in_contexts(client, [(one.name.startswith("inbound"), _json(one.raw)) for one in tables])


def _virtual_hosts(client: Client) -> Iterator[Parts]:
    for parts in _tables(client):
        for table in parts.members:
            yield Parts(parts.context, tuple(table.get("virtual_hosts", ())), (table,))


def _routes(client: Client) -> Iterator[Parts]:
    for parts in _virtual_hosts(client):
        for host in parts.members:
            yield Parts(parts.context, tuple(host.get("routes", ())), (*parts.within, host))


_READERS: dict[str, Callable[[Client], Iterator[Parts]]] = {
    "CLUSTER": _clusters,
    "LISTENER": _listeners,
    "LISTENER_FILTER": _listener_filters,
    "FILTER_CHAIN": _chains,
    "NETWORK_FILTER": _network_filters,
    "HTTP_FILTER": _http_filters,
    "ROUTE_CONFIGURATION": _tables,
    "VIRTUAL_HOST": _virtual_hosts,
    "HTTP_ROUTE": _routes,
}
