"""Services by host with their endpoints, as `get services` lists them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.istio.labels import Labels
from meshscope.istio.protocol import protocol_of
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import PortFact, ServiceHost
from meshscope.mesh.network.network import Network
from meshscope.mesh.network.ztunnels import SOURCE as ZTUNNEL


class ServicePortFact(Struct, frozen=True):
    """`target_port` is a number or the name of a container's port, null where it is the port itself or unknown.

    `protocol` is what was written (appProtocol, else Kubernetes' protocol), `istio_protocol` what Istio assumes of the port's
    name and number, auto where it sniffs; "" of a source that does not tell.
    """

    name: str
    port: int
    protocol: str = ""
    target_port: int | str | None = None
    istio_protocol: str = ""


class ServiceFact(Struct, frozen=True, kw_only=True):
    """`endpoints` are `IP:port` (an address alone where it has no port); None where they are unknown. `labels` are those of
    the Service or ServiceEntry.

    `source` is Kubernetes, ServiceEntry, registryz or ztunnel.
    """

    name: str
    namespace: str
    host: str
    addresses: tuple[str, ...]
    ports: tuple[ServicePortFact, ...]
    source: str
    location: Location
    endpoints: tuple[str, ...] | None = None
    selector: Labels = Labels()
    labels: Labels = Labels()


def services(mesh: Mesh) -> Iterator[ServiceFact]:
    """One for each host. Manifests win over the registry, and a Kubernetes Service over a ServiceEntry."""
    for service in mesh.network.services:
        yield ServiceFact(
            name=service.name,
            namespace=service.namespace,
            host=service.host,
            addresses=(*service.addresses, *service.outside),
            ports=tuple(_port(service, port) for port in service.ports),
            endpoints=_endpoints(mesh.network, service),
            selector=service.selector,
            labels=service.labels,
            source=service.source,
            location=service.location,
        )


def _port(service: ServiceHost, port: PortFact) -> ServicePortFact:
    return ServicePortFact(
        name=port.name,
        port=port.number,
        protocol=port.app_protocol or port.protocol,
        target_port=port.target or None,
        istio_protocol=""
        if service.source == ZTUNNEL
        else protocol_of(port.number, port.name, port.app_protocol, port.protocol).name,
    )


def _endpoints(network: Network, service: ServiceHost) -> tuple[str, ...] | None:
    """`IP:port` of all ports together; None where no port's endpoints are known."""
    found = [network.backends(service, port) for port in service.ports]
    if all(backends is None for backends in found):
        return None
    return tuple(dict.fromkeys(str(backend) for backends in found for backend in backends or ()))
