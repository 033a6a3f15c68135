"""The facts of a pod, a service and a backend, and how manifests give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.istio.kubernetes.pod import Pod
from meshscope.istio.kubernetes.service import Service
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.location import Location
from meshscope.mesh.network.data_planes import unmodelled

if TYPE_CHECKING:
    from meshscope.istio.objects.service_entry import ServiceEntry

CLUSTER_DOMAIN = "cluster.local"
"""Kubernetes' default; hosts of a registry are full names already, with whatever domain the mesh has."""

SERVICE_ENTRY = "ServiceEntry"
"""The `source` of a host that Kubernetes does not have."""


class PortFact(Struct, frozen=True):
    """`target` is a number or the name of a container's port; 0 means the port itself."""

    number: int
    name: str = ""
    target: int | str = 0
    node_port: int = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class FixedEndpoint(Struct, frozen=True):
    """One that a ServiceEntry lists itself; `ports` are those by name that differ from the entry's."""

    address: str
    ports: tuple[tuple[str, int], ...] = ()

    def port(self, port: PortFact) -> int:
        own = dict(self.ports).get(port.name, 0)
        return own or (int(port.target) if str(port.target).isdigit() else 0) or port.number


class PodFact(Struct, frozen=True, kw_only=True):
    """`data_plane` is the proxy that the pod runs if it is one that is not modelled, else ""."""

    name: str
    namespace: str
    ips: tuple[str, ...]
    labels: Labels = Labels()
    annotations: Labels = Labels()
    host_network: bool = False
    service_account: str = ""
    node: str = ""
    workload: str = ""
    named_ports: tuple[tuple[str, int], ...] = ()
    data_plane: str = ""
    location: Location | None = None

    @property
    def full_name(self) -> str:
        return f"{self.name}.{self.namespace}"


class ServiceHost(Struct, frozen=True, kw_only=True):
    """`addresses` are cluster IPs, `outside` those of load balancers and externalIPs; `headless` has neither."""

    host: str
    name: str
    namespace: str
    addresses: tuple[str, ...]
    outside: tuple[str, ...] = ()
    ports: tuple[PortFact, ...] = ()
    selector: Labels = Labels()
    labels: Labels = Labels()
    external_name: str = ""
    headless: bool = False
    source: str = "Kubernetes"
    location: Location
    fixed: tuple[FixedEndpoint, ...] | None = None
    """Endpoints that a ServiceEntry lists itself; None where it leaves them to DNS, to a selector, or to the client."""

    def port(self, number: int) -> PortFact | None:
        return next((port for port in self.ports if port.number == number), None)


class Backend(Struct, frozen=True):
    """One ready endpoint of a service's port; `pod` as `name.namespace` where it is known."""

    ip: str
    port: int
    pod: str | None = None

    def __str__(self) -> str:
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{host}:{self.port}" if self.port else self.ip


def pod_fact(item: Object, pod: Pod) -> PodFact:
    containers = (*pod.spec.containers, *pod.spec.init_containers)
    owner = pod.metadata.owner_references[0].name if pod.metadata.owner_references else ""
    return PodFact(
        name=item.name,
        namespace=item.namespace or "default",
        ips=pod.addresses,
        labels=item.labels,
        annotations=item.annotations,
        host_network=pod.spec.host_network,
        service_account=pod.spec.service_account_name,
        node=pod.spec.node_name,
        workload=owner,
        named_ports=tuple((port.name, port.container_port) for c in containers for port in c.ports if port.name),
        data_plane=unmodelled(containers),
        location=item.location,
    )


def service_host(item: Object, service: Service) -> ServiceHost:
    namespace = item.namespace or "default"
    return ServiceHost(
        host=f"{item.name}.{namespace}.svc.{CLUSTER_DOMAIN}",
        name=item.name,
        namespace=namespace,
        addresses=service.addresses,
        outside=service.outside_addresses,
        ports=tuple(
            PortFact(p.port, p.name, p.target_port, p.node_port, p.protocol, p.app_protocol) for p in service.spec.ports
        ),
        selector=service.spec.selector,
        labels=item.labels,
        external_name=service.spec.external_name,
        headless=service.headless,
        location=item.location,
    )


def entry_host(item: Object, entry: ServiceEntry, host: str) -> ServiceHost:
    spec = entry.spec
    return ServiceHost(
        host=host,
        name=item.name,
        namespace=item.namespace or "default",
        addresses=spec.addresses or tuple(address.value for address in entry.status.addresses if address.value),
        ports=tuple(PortFact(p.number, p.name, p.target_port, app_protocol=p.protocol) for p in spec.ports),
        selector=spec.workload_selector.labels if spec.workload_selector else Labels(),
        labels=item.labels,
        source=SERVICE_ENTRY,
        location=item.location,
        fixed=tuple(FixedEndpoint(one.address, tuple(one.ports.items())) for one in spec.endpoints) or None,
    )
