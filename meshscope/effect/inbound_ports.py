"""The ports on which a sidecar takes requests for its workload: those of its Services, or what its Sidecar lists instead."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.workload_ports import workload_ports
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.sidecar import IstioIngressListener
from meshscope.istio.protocol import Protocol, protocol_of
from meshscope.mesh.network.facts import ServiceHost

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
    ports = workload_ports(configuration, client)
    services = sorted(configuration.services_in_front(client), key=lambda one: _age(configuration, one))
    if sidecar is not None and sidecar.value.spec.ingress:
        for index, one in enumerate(sidecar.value.spec.ingress):
            number = one.port.number if one.port else 0
            protocol = protocol_of(number, "", one.port.protocol if one.port else "")
            of = f"{sidecar}, ingress[{index}]"
            cluster = str(ClusterName("inbound", number, "", ""))
            leading = (each.host for each in services for port in each.ports if number in ports.get(port.number, ()))
            yield InboundPort(number, number, cluster, protocol, of, next(leading, ""), one)
        return
    for service in services:
        for port in service.ports:
            protocol = protocol_of(port.number, port.name, port.app_protocol, port.protocol)
            for target in ports.get(port.number, ()):
                name = ClusterName("inbound", target, "", "")
                if not configuration.is_since(1, 10):
                    name = ClusterName("inbound", port.number, port.name, service.host)
                of = f"Service {service.namespace}/{service.name}, port {port.number}"
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
