"""Services by host with their endpoints, as `get services` lists them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import ServiceHost
from meshscope.mesh.network.network import Network


class ServicePortFact(Struct, frozen=True):
    name: str
    port: int
    protocol: str = ""


class ServiceFact(Struct, frozen=True, kw_only=True):
    """`endpoints` are `IP:port` (an address alone where it has no port); None where they are unknown.

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


def services(mesh: Mesh) -> Iterator[ServiceFact]:
    """One for each host. Manifests win over the registry, and a Kubernetes Service over a ServiceEntry."""
    for service in mesh.network.services:
        yield ServiceFact(
            name=service.name,
            namespace=service.namespace,
            host=service.host,
            addresses=(*service.addresses, *service.outside),
            ports=tuple(ServicePortFact(p.name, p.number, p.app_protocol or p.protocol) for p in service.ports),
            endpoints=_endpoints(mesh.network, service),
            source=service.source,
            location=service.location,
        )


def _endpoints(network: Network, service: ServiceHost) -> tuple[str, ...] | None:
    """`IP:port` of all ports together; None where no port's endpoints are known."""
    found = [network.backends(service, port) for port in service.ports]
    if all(backends is None for backends in found):
        return None
    return tuple(dict.fromkeys(str(backend) for backends in found for backend in backends or ()))
