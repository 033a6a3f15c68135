"""Envoy's objects that a rule made in a proxy, named as in `get` and `describe`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.effect.answer import Made
from meshscope.effect.clients import Client
from meshscope.effect.outcome import Outcome
from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES, Resource
from meshscope.location import Location
from meshscope.mesh.virtual_hosts import virtual_host_names
from meshscope.path import Path

FILTER_CHAIN, ROUTE = "filterchain", "route"
_KINDS = (CLUSTER, LISTENER, ROUTES, ENDPOINTS)


def made_of(client: Client, outcomes: Iterable[Outcome]) -> tuple[Made, ...]:
    """Each once, in the order of the places."""
    return tuple(dict.fromkeys(made for one in outcomes for made in _made(client, one)))


def chain_name(listener: str, index: int | None) -> str:
    return f"{listener}/{'default' if index is None else index}"


def _made(client: Client, outcome: Outcome) -> Iterator[Made]:
    if outcome.made is not None:
        resource = client.proxy.resource(outcome.kind, outcome.name) if outcome.kind else None
        resource = resource or resource_around(client, outcome.made)
        if resource is not None:
            yield _named(client, resource, outcome.made)
    yield from outcome.more


def resource_around(client: Client, made: Location) -> Resource | None:
    """The cluster, listener, route configuration or assignment that a place is in."""
    for kind in _KINDS:
        for resource in client.proxy.resources(kind):
            if is_within(made, resource.location):
                return resource
    return None


def _named(client: Client, resource: Resource, made: Location) -> Made:
    rest = made.path[len(resource.location.path) :]
    if resource.kind == LISTENER and (chain := _chain(rest)) is not None:
        return Made(FILTER_CHAIN, f"{resource.name}/{chain}", made)
    if resource.kind == ROUTES and len(rest) >= 4:
        table = client.tables.get(resource.name)
        names = virtual_host_names(table) if table else ()
        host = int(rest[1])
        if host < len(names):
            return Made(ROUTE, f"{resource.name}/{names[host].name}/{rest[3]}", made)
    return Made(resource.kind, resource.name, made)


def _chain(rest: Path) -> str | None:
    if rest[:1] == ("filter_chains",) and len(rest) > 1:
        return str(rest[1])
    return "default" if rest[:1] == ("default_filter_chain",) else None


def is_within(inner: Location, outer: Location) -> bool:
    return inner.path[: len(outer.path)] == outer.path and inner.document.name == outer.document.name
