"""The VirtualServices that istiod makes of routes: one for each parent and host, with the rules of all routes of both.

https://gateway-api.sigs.k8s.io/reference/spec/#httproute, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/route_collections.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.gateway_api.http_rules import HttpRoute, Translated, http_rules
from meshscope.effect.gateway_api.l4_rules import L4Route, l4_rules, tcp_rule, tls_rule
from meshscope.effect.gateway_api.names import http_name, l4_name
from meshscope.effect.gateway_api.parents import ByOwner, Parent, hostnames, parents
from meshscope.effect.gateway_api.sources import Route, Sources
from meshscope.effect.generated import (
    GATEWAY,
    PARENTS,
    ROUTE_SEMANTICS,
    Generated,
    Origin,
    generated_object,
)
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.grpc_route import GRPCRoute
from meshscope.istio.gateway_api.http_route import HTTPRoute
from meshscope.istio.gateway_api.tls_route import TLSRoute
from meshscope.istio.manifest import Object
from meshscope.istio.objects.http_route import HTTPMatchRequest
from meshscope.istio.objects.http_route import HTTPRoute as Rule
from meshscope.istio.objects.virtual_service import RouteDestination, VirtualService, VirtualServiceSpec
from meshscope.path import Path


class _Part(Struct, frozen=True):
    """What one route gives a VirtualService."""

    item: Object
    number: int
    parent: Parent
    host: str
    rules: tuple[Translated, ...]


def virtual_services(sources: Sources, listeners: ByOwner) -> Iterator[Generated[VirtualService]]:
    """Of all routes."""
    yield from _of_http(sources, listeners, sources.http_routes)
    connections: tuple[Written[L4Route], ...] = (*sources.tls_routes, *sources.tcp_routes)
    for one in connections:
        yield from _of_l4(sources, listeners, one)


def of_route(
    sources: Sources, listeners: ByOwner, route: Written[Route], *, asks_grants: bool = True
) -> Iterator[Generated[VirtualService]]:
    """Of one route alone, as if it had its parents and hosts for itself; without `asks_grants` as if it might lead anywhere."""
    value = route.value
    if isinstance(value, HTTPRoute | GRPCRoute):
        yield from _of_http(sources, listeners, [Written(route.item, value)], asks_grants=asks_grants)
    else:
        yield from _of_l4(sources, listeners, Written(route.item, value), asks_grants=asks_grants)


# --- HTTP and gRPC -------------------------------------------------------------------------------------------------


def _of_http(
    sources: Sources, listeners: ByOwner, routes: Iterable[Written[HttpRoute]], *, asks_grants: bool = True
) -> Iterator[Generated[VirtualService]]:
    by_key: dict[str, list[_Part]] = {}
    for route in routes:
        for key, part in _http_parts(sources, listeners, route, asks_grants=asks_grants):
            by_key.setdefault(key, []).append(part)
    return (_merged(sources, key, parts) for key, parts in by_key.items())


def _http_parts(
    sources: Sources, listeners: ByOwner, route: Written[HttpRoute], *, asks_grants: bool
) -> Iterator[tuple[str, _Part]]:
    number = 0
    for parent in _attached(sources, listeners, route):
        rules = http_rules(sources, route, asks_grants=asks_grants and parent.listener is not None)
        for host in _hosts(parent, route) if rules.translated else ():
            yield f"{_scope(parent, route)}/{host}", _Part(route.item, number, parent, host, rules.translated)
            number += 1


def _attached(sources: Sources, listeners: ByOwner, route: Written[Route]) -> Iterator[Parent]:
    return (one for one in parents(sources, listeners, route) if isinstance(one, Parent))


def _hosts(parent: Parent, route: Written[Route]) -> tuple[str, ...]:
    if parent.listener is None:
        return parent.hosts
    return tuple(host for host in hostnames(route.value) or ("*",) if parent.takes_host(host))


def _scope(parent: Parent, route: Written[Route]) -> str:
    """Routes with the same host are merged within it."""
    if parent.listener is not None:
        return parent.name
    port = parent.reference.port
    return f"{route.namespace}/{port}" if port else route.namespace


def _merged(sources: Sources, key: str, parts: Sequence[_Part]) -> Generated[VirtualService]:
    """The oldest route gives its namespace and time. Rules of equal precedence stay in the order of their routes."""
    first = parts[0]
    rules = sorted(((part, one) for part in parts for one in part.rules), key=lambda each: each[1].precedence)
    spec = VirtualServiceSpec(
        hosts=(first.host,),
        gateways=(first.parent.name,),
        http=tuple(_at_port(one.rule, part.parent) for part, one in rules),
    )
    name = http_name(sources.is_since, key, first.item.name, first.number)
    origins: dict[Path, Origin] = {("spec", "http", index): one.origin for index, (_, one) in enumerate(rules)}
    return _made(sources, name, [part.item for part in parts], spec, origins)


def _at_port(rule: Rule, parent: Parent) -> Rule:
    """A parent of the mesh may be one port of a service alone."""
    port = 0 if parent.listener else parent.reference.port or 0
    if not port:
        return rule
    return replace(rule, match=tuple(replace(one, port=port) for one in rule.match or (HTTPMatchRequest(),)))


def _made(
    sources: Sources, name: str, items: Sequence[Object], spec: VirtualServiceSpec, origins: dict[Path, Origin]
) -> Generated[VirtualService]:
    named = ",".join(f"{one.kind}/{one.name}.{one.namespace or 'default'}" for one in items)
    annotations = {ROUTE_SEMANTICS: GATEWAY, PARENTS: named}
    item = generated_object("VirtualService", name, items[0], sources.ages.of(items[0]), annotations)
    return Generated(item, VirtualService(spec=spec), origins)


# --- TLS and TCP ---------------------------------------------------------------------------------------------------


def _of_l4(
    sources: Sources, listeners: ByOwner, route: Written[L4Route], *, asks_grants: bool = True
) -> Iterator[Generated[VirtualService]]:
    number = 0
    for parent in _attached(sources, listeners, route):
        rules = l4_rules(sources, route, asks_grants=asks_grants and parent.listener is not None)
        if rules.problem:
            continue
        is_tls = isinstance(route.value, TLSRoute)
        kind = "tls" if is_tls else "tcp"
        for host in parent.hosts or hostnames(route.value) or ("*",):
            spec = _l4_spec(route, parent, host, rules.destinations)
            name = l4_name(sources.is_since, route.item.name, kind, number)
            origins: dict[Path, Origin] = {("spec", kind, index): one for index, one in enumerate(rules.origins)}
            yield _made(sources, name, [route.item], spec, origins)
            number += 1


def _l4_spec(
    route: Written[L4Route], parent: Parent, host: str, destinations: Sequence[tuple[RouteDestination, ...]]
) -> VirtualServiceSpec:
    port = 0 if parent.listener else parent.reference.port or 0
    spec = VirtualServiceSpec(hosts=(host,), gateways=(parent.name,))
    if isinstance(route.value, TLSRoute):
        names, service = route.value.spec.hostnames, "" if parent.listener else host
        return replace(spec, tls=tuple(tls_rule(one, names, port, service) for one in destinations))
    return replace(spec, tcp=tuple(tcp_rule(one, port) for one in destinations))
