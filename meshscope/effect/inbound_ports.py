"""The ports on which a sidecar takes requests for its workload: those of its Services, or what its Sidecar lists instead."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.workload_ports import workload_port
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.sidecar import IstioIngressListener
from meshscope.istio.protocol import Protocol, protocol_of
from meshscope.mesh.network.facts import SERVICE_ENTRY, ServiceHost

UNDECLARED = "istiod's own, for ports of the workload that no Service has"


class InboundPort(Struct, frozen=True):
    """`number` is the Service's port, which names the virtual host; `target` the workload's. `cluster` names the table, too.
    `of` is what it is made of, in words; `host` is that of the Service, and `ingress` the Sidecar's listener, where it has one.
    A Service that leads to the port of a Sidecar's listener is its Service, too.
    """

    number: int
    target: int
    cluster: str
    protocol: Protocol
    of: str
    host: str = ""
    ingress: IstioIngressListener | None = None


def inbound_ports(configuration: Configuration, client: Client) -> Iterator[InboundPort]:
    """Each of the workload's ports once: of several Services that lead to one the oldest counts."""
    taken: set[str] = set()
    for port in _all(configuration, client):
        if port.cluster not in taken:
            taken.add(port.cluster)
            yield port


def _all(configuration: Configuration, client: Client) -> Iterator[InboundPort]:
    sidecar = configuration.scope(client).sidecar
    services = sorted(configuration.services_in_front(client), key=lambda one: _age(configuration, one))
    leading = [
        (service, port, target)
        for service in services
        for port in service.ports
        if (target := workload_port(configuration, client, service, port))
    ]
    if sidecar is not None and sidecar.value.spec.ingress:
        for index, one in enumerate(sidecar.value.spec.ingress):
            number = one.port.number if one.port else 0
            protocol = protocol_of(number, "", one.port.protocol if one.port else "")
            cluster = str(ClusterName("inbound", number, "", ""))
            host = next((service.host for service, _, target in leading if target == number), "")
            yield InboundPort(number, number, cluster, protocol, f"{sidecar}, ingress[{index}]", host, one)
        return
    for service, port, target in leading:
        protocol = protocol_of(port.number, port.name, port.app_protocol, port.protocol)
        name = ClusterName("inbound", target, "", "")
        if not configuration.is_since(1, 10):
            name = ClusterName("inbound", port.number, port.name, service.host)
        kind = SERVICE_ENTRY if service.source == SERVICE_ENTRY else "Service"
        of = f"{kind} {service.namespace}/{service.name}, port {port.number}"
        yield InboundPort(port.number, target, str(name), protocol, of, service.host)


def _age(configuration: Configuration, service: ServiceHost) -> tuple[str, str]:
    known = next(iter(configuration.services.named(service.host)), None)
    return known.created if known else "", f"{service.name}.{service.namespace}"


def inbound_passthrough(configuration: Configuration, client: Client) -> str:
    """Up to 1.22 one for each family of addresses; that of IPv6 is not modelled. Of an unknown version the proxy tells."""
    older = "InboundPassthroughClusterIpv4"
    if configuration.version is None:
        return older if client.proxy.resource(CLUSTER, older) else "InboundPassthroughCluster"
    return "InboundPassthroughCluster" if configuration.is_since(1, 23) else older
