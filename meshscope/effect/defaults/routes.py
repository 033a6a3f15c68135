"""The routes that istiod makes of services alone, and its own: those of VirtualServices stand in their place.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/httproute.go
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.defaults.clusters import PASSTHROUGH
from meshscope.effect.defaults.domains import domains_of
from meshscope.effect.http_routes.places import table_of
from meshscope.effect.http_routes.retries import RETRIES, default_retries
from meshscope.effect.inbound_ports import UNDECLARED, inbound_passthrough, inbound_ports
from meshscope.istio.names import ClusterName
from meshscope.istio.protocol import Family
from meshscope.xds.route import Route
from meshscope.xds.route_action import DirectResponseAction, RetryPolicy, RouteAction
from meshscope.xds.route_match import RouteMatch

ALLOW_ANY = "ALLOW_ANY"
_HTTP = (Family.HTTP, Family.AUTO)


class DefaultRoute(Struct, frozen=True):
    """The only route of a virtual host that no VirtualService has. `of` is what it is made of, in words. `unsaid` are the
    beginnings of facts that are not modelled. `domains` are those of the virtual host, whoever has it, None where they are not
    known.
    """

    table: str
    virtual_host: str
    of: str
    route: Route
    unsaid: tuple[str, ...] = ()
    domains: frozenset[str] | None = None


def default_routes(configuration: Configuration, client: Client) -> Iterator[DefaultRoute]:
    """Of a sidecar; gateways have routes of VirtualServices alone."""
    if client.kind == "sidecar":
        yield from _of_services(configuration, client)
        yield from _of_others(configuration, client)
        yield from _inbound(configuration, client)


def _of_services(configuration: Configuration, client: Client) -> Iterator[DefaultRoute]:
    scope = configuration.scope(client)
    retries, unsaid = default_retries(configuration)
    for service in scope.within("*"):
        if service.alias_of and configuration.is_since(1, 21):
            continue  # its names are domains of the virtual host behind it
        for port in service.ports:
            if port.protocol.family in _HTTP and scope.service(service.host, port.number) == service:
                cluster = str(ClusterName("outbound", port.number, "", service.host))
                yield DefaultRoute(
                    table_of(service, port),
                    f"{service.host}:{port.number}",
                    f"{service}, port {port.number}",
                    _to(cluster, "default", retries),
                    unsaid,
                    domains_of(configuration, client, service, port),
                )


def _to(cluster: str, name: str, retries: RetryPolicy | None = None) -> Route:
    action = RouteAction(cluster=cluster, timeout="0s", retry_policy=retries)
    return Route(name=name, match=RouteMatch(prefix="/"), route=action)


def _of_others(configuration: Configuration, client: Client) -> Iterator[DefaultRoute]:
    """In the table of each port the route for hosts that no service has."""
    mode = outbound_mode(configuration, client)
    unsaid = (RETRIES, *(("name", "route.timeout") if not configuration.is_since(1, 5) else ()))
    for table in client.tables:
        if not table.isdigit():
            continue
        if mode == ALLOW_ANY:
            route, name = _to(PASSTHROUGH, "allow_any"), "allow_any"
        else:
            answer = DirectResponseAction(status=502)
            route, name = Route(name="block_all", match=RouteMatch(prefix="/"), direct_response=answer), "block_all"
        of = f"istiod's own, for hosts that no service has (outboundTrafficPolicy {mode})"
        yield DefaultRoute(table, name, of, route, unsaid)


def outbound_mode(configuration: Configuration, client: Client) -> str:
    """ALLOW_ANY or REGISTRY_ONLY, as the Sidecar that applies says, else the mesh."""
    sidecar = configuration.scope(client).sidecar
    own = sidecar.value.spec.outbound_traffic_policy if sidecar else None
    return (own.mode if own else configuration.settings.outbound_traffic_policy.mode) or ALLOW_ANY


def _inbound(configuration: Configuration, client: Client) -> Iterator[DefaultRoute]:
    """Of the workload's ports, in tables that are named after their clusters. What 1.4 takes on other ports is TCP."""
    unsaid = (RETRIES,)
    if configuration.is_since(1, 5):
        passthrough = inbound_passthrough(configuration, client)
        yield DefaultRoute(passthrough, "inbound|http|0", UNDECLARED, _to(passthrough, "default"), unsaid)
    for port in inbound_ports(configuration, client):
        if port.protocol.family in _HTTP:
            name = f"inbound|http|{port.number}"
            yield DefaultRoute(port.cluster, name, port.of, _to(port.cluster, "default"), unsaid)
