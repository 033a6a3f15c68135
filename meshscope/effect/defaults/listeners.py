"""The listeners of a sidecar that istiod makes of the ports of services, its own, and whose their filter chains are.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener.go
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.defaults.clusters import BLACK_HOLE, PASSTHROUGH
from meshscope.effect.defaults.routes import ALLOW_ANY, outbound_mode
from meshscope.effect.http_routes.places import table_of
from meshscope.effect.inbound_ports import UNDECLARED, inbound_passthrough, inbound_ports
from meshscope.effect.services import MeshService, Port
from meshscope.istio.names import ClusterName
from meshscope.istio.protocol import Family
from meshscope.xds.filter_chain import FilterChain

OUTBOUND, INBOUND = "virtualOutbound", "virtualInbound"
_ALL = "0.0.0.0"  # noqa: S104  # the name of a listener; nothing is bound


class DefaultListener(Struct, frozen=True):
    """`of` is what it is made of, in words: several services may share a listener. `leads_to` are the route configurations and
    clusters to which its filter chains lead, where no VirtualService has `tls` or `tcp` rules for them.
    """

    name: str
    of: str
    leads_to: frozenset[str]


class _Part(DefaultListener, frozen=True):
    """What one service makes of a listener. `takes_all`: of a connection to the port nothing is left for another chain."""

    takes_all: bool = False


def default_listeners(configuration: Configuration, client: Client) -> Iterator[DefaultListener]:
    """Of a sidecar, each once; those of a gateway are made of its Gateways. One for all addresses takes what no service has,
    too, unless a service takes all its connections (appendListenerFallthroughRouteForCompleteListener).
    """
    if client.kind != "sidecar":
        return
    rest = outside(configuration, client)
    ports = {port.cluster for port in inbound_ports(configuration, client)}
    others = {inbound_passthrough(configuration, client), *((BLACK_HOLE,) if configuration.is_since(1, 5) else ())}
    of = "istiod's own, to which the workload's connections are redirected"
    yield DefaultListener(OUTBOUND, of, frozenset((BLACK_HOLE, rest)))
    of = "istiod's own, to which connections to the workload are redirected"
    yield DefaultListener(INBOUND, of, frozenset(ports | others))
    found: dict[str, list[_Part]] = {}
    unserved = rest if configuration.is_since(1, 5) else BLACK_HOLE  # of the pod's own address
    for one in (*_of_services(configuration, client), *_inbound_of_old(configuration, client)):
        found.setdefault(one.name, []).append(one)
    for name, parts in found.items():
        ends = {end for one in parts for end in one.leads_to}
        if name.startswith(_ALL) and not any(one.takes_all for one in parts):
            ends.add(unserved)
        yield DefaultListener(name, "; ".join(one.of for one in parts), frozenset(ends))


def outside(configuration: Configuration, client: Client) -> str:
    """The cluster for what no service has."""
    return PASSTHROUGH if outbound_mode(configuration, client) == ALLOW_ANY else BLACK_HOLE


def _of_services(configuration: Configuration, client: Client) -> Iterator[_Part]:
    scope = configuration.scope(client)
    for service in scope.within("*"):
        if service.alias_of and configuration.is_since(1, 21):
            continue
        for port in service.ports:
            if port.protocol.family is not Family.UDP and scope.service(service.host, port.number) == service:
                ends = frozenset(_ends(service, port))
                takes_all = (
                    port.protocol.family in (Family.TCP, Family.AUTO) and not service.addresses
                )  # ranges are matched
                for address in _addresses(configuration, client, service, port):
                    yield _Part(f"{address}_{port.number}", f"{service}, port {port.number}", ends, takes_all)


def _ends(service: MeshService, port: Port) -> set[str]:
    """What is sniffed has routes for HTTP and a cluster for the rest."""
    ends = (
        {str(ClusterName("outbound", port.number, "", service.host))}
        if port.protocol.family is not Family.HTTP
        else set()
    )
    return ends | ({table_of(service, port)} if port.protocol.family in (Family.HTTP, Family.AUTO) else set())


def _addresses(configuration: Configuration, client: Client, service: MeshService, port: Port) -> Iterator[str]:
    """HTTP shares the listener of the port; other protocols have one for each address, of headless Services each pod's."""
    if port.protocol.family is Family.HTTP:
        yield _ALL
        return
    addresses = [address for address in service.addresses if "/" not in address]
    if not addresses and service.selector and service.resolution == "Passthrough":
        pods = configuration.mesh.network.pods
        fitting = [pod for pod in pods if pod.namespace == service.namespace and pod.labels.match(service.selector)]
        addresses = [ip for pod in fitting if pod.full_name != client.name for ip in pod.ips[:1]]
    yield from addresses or (_ALL,)


def _inbound_of_old(configuration: Configuration, client: Client) -> Iterator[_Part]:
    """Up to 1.4 a port of the workload has a listener beside its chain in virtualInbound."""
    pod = configuration.mesh.network.pod_named(client.name)
    if pod is None or configuration.is_since(1, 5):
        return
    for port in inbound_ports(configuration, client):
        for ip in pod.ips[:1]:
            yield _Part(f"{ip}_{port.target}", port.of, frozenset((port.cluster,)))


def chain_of(configuration: Configuration, client: Client, listener: DefaultListener, chain: FilterChain) -> str:
    """What a filter chain is made of, in words."""
    if listener.name == INBOUND:
        number = chain.filter_chain_match.destination_port
        port = next((one for one in inbound_ports(configuration, client) if one.target == number), None)
        if port is not None:
            return port.of
        return UNDECLARED if number is None else f"istiod's own, for port {number}"
    return listener.of
