"""Rules of TLS and TCP routes as those of a VirtualService.

https://gateway-api.sigs.k8s.io/reference/spec/#tlsroute, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, convertTLSRoute).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from meshscope.effect.gateway_api.backends import Referrer, backend
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.generated import Origin
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.references import BackendRef
from meshscope.istio.gateway_api.tcp_route import TCPRoute, TCPRouteRule
from meshscope.istio.gateway_api.tls_route import TLSRoute, TLSRouteRule
from meshscope.istio.hosts import overlap
from meshscope.istio.objects import virtual_service as istio
from meshscope.istio.objects.destination import Destination, PortSelector
from meshscope.path import Path

L4Route = TLSRoute | TCPRoute
NOWHERE = Destination(host="internal.cluster.local", subset="zero-weight", port=PortSelector(number=65535))
"""A cluster that does not exist, for a rule without a backend of any weight."""


class L4Rules(Struct, frozen=True):
    """Of a whole route; `problem` is why istiod makes nothing of it at all, and `path` where that is."""

    destinations: tuple[tuple[istio.RouteDestination, ...], ...] = ()
    origins: tuple[Origin, ...] = ()
    problem: str = ""
    path: Path = ()


def l4_rules(sources: Sources, route: Written[L4Route], *, asks_grants: bool) -> L4Rules:
    referrer = Referrer(route.item.kind, route.namespace, asks_grants)
    destinations, origins = [], []
    rules: Sequence[TLSRouteRule | TCPRouteRule] = route.value.spec.rules
    for index, rule in enumerate(rules):
        path: Path = ("spec", "rules", index)
        refs = [one for one in rule.backend_refs if one.weight]
        to = [backend(sources, one, referrer) for one in refs]
        if fatal := next((one.problem for one in to if one.is_fatal), ""):
            return L4Rules(problem=fatal, path=path)
        problems = [one.problem for one in to if one.problem] if to else ["it has no backend of any weight"]
        problem = f"{'; '.join(problems)}: connections are closed" if problems else ""
        origins.append(
            Origin(route.item, path, problem, all(one.is_known for one in to), any(one.is_open for one in to))
        )
        destinations.append(_destinations(refs, [one.destination for one in to]))
    return L4Rules(tuple(destinations), tuple(origins))


def _destinations(refs: Sequence[BackendRef], to: Sequence[Destination]) -> tuple[istio.RouteDestination, ...]:
    if not to:
        return (istio.RouteDestination(destination=NOWHERE),)
    weights = [None] if len(refs) == 1 else [one.weight for one in refs]
    return tuple(
        istio.RouteDestination(destination=one, weight=weight) for one, weight in zip(to, weights, strict=True)
    )


def tcp_rule(route: Sequence[istio.RouteDestination], port: int) -> istio.TCPRoute:
    """`port` is that of the parent, 0 for any."""
    return istio.TCPRoute(match=(istio.L4MatchAttributes(port=port),) if port else (), route=tuple(route))


def tls_rule(route: Sequence[istio.RouteDestination], names: tuple[str, ...], port: int, host: str) -> istio.TLSRoute:
    """`host` is the service that is the parent, "" at a gateway: its server names are the route's, or its own."""
    if route[0].destination == NOWHERE:
        return istio.TLSRoute(route=tuple(route))
    if host:
        names = tuple(name for name in names if overlap(name, host)) if len(names) > 1 else names or (host,)
    match = istio.TLSMatchAttributes(sni_hosts=names or ("*",), port=port)
    return istio.TLSRoute(match=(match,), route=tuple(route))
