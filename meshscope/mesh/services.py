"""Services by host, from every source that knows them: Kubernetes, ServiceEntries, istiod's registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct

from meshscope.istio.kubernetes import Endpoints, EndpointSlice, Service, decode
from meshscope.istio.manifest import Object
from meshscope.location import Location
from meshscope.mesh.control_plane import registered
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Problem

CLUSTER_DOMAIN = "cluster.local"
"""Kubernetes' default; a mesh with another one names it in its registry, whose hosts are taken as they are."""


class ServicePortFact(Struct, frozen=True):
    name: str
    port: int
    protocol: str = ""


class ServiceFact(Struct, frozen=True, kw_only=True):
    """`endpoints` are `IP:port`; None where no source tells. `source` is Kubernetes, ServiceEntry or registryz."""

    name: str
    namespace: str
    host: str
    addresses: tuple[str, ...]
    ports: tuple[ServicePortFact, ...]
    source: str
    location: Location
    endpoints: tuple[str, ...] | None = None


class _EntryPort(Struct):
    number: int = 0
    name: str = ""
    protocol: str = ""


class _EntryEndpoint(Struct):
    address: str = ""


class _Entry(Struct):
    hosts: list[str] = []
    addresses: list[str] = []
    ports: list[_EntryPort] = []
    endpoints: list[_EntryEndpoint] = []


class _ServiceEntry(Struct):
    spec: _Entry = msgspec.field(default_factory=_Entry)


def services(mesh: Mesh) -> Iterator[ServiceFact]:
    """One for each host; a manifest says more than the registry, a Kubernetes Service wins over a ServiceEntry."""
    seen: set[str] = set()
    for fact in (*_kubernetes(mesh), *_service_entries(mesh.objects), *_registry(mesh)):
        if fact.host not in seen:
            seen.add(fact.host)
            yield fact


def _kubernetes(mesh: Mesh) -> Iterator[ServiceFact]:
    endpoints = _endpoints_of_services(mesh.objects)
    for item in mesh.objects_of("Service", ""):
        service = decode(item, Service)
        if isinstance(service, Problem):
            continue
        namespace = item.namespace or "default"
        spec = service.spec
        addresses = spec.cluster_ips or ((spec.cluster_ip,) if spec.cluster_ip else ())
        balanced = (entry.ip or entry.hostname for entry in service.status.load_balancer.ingress)
        yield ServiceFact(
            name=item.name,
            namespace=namespace,
            host=f"{item.name}.{namespace}.svc.{CLUSTER_DOMAIN}",
            addresses=(*(a for a in addresses if a != "None"), *spec.external_ips, *balanced),
            ports=tuple(ServicePortFact(p.name, p.port, p.app_protocol or p.protocol) for p in spec.ports),
            endpoints=endpoints.get((namespace, item.name)),
            source="Kubernetes",
            location=item.location,
        )


def _endpoints_of_services(objects: Iterable[Object]) -> dict[tuple[str, str], tuple[str, ...]]:
    """`IP:port` of ready endpoints by namespace and service, from EndpointSlices and, where there is none, Endpoints."""
    slices: dict[tuple[str, str], list[str]] = defaultdict(list)
    plain: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in objects:
        namespace = item.namespace or "default"
        if item.kind == "EndpointSlice" and not isinstance(found := decode(item, EndpointSlice), Problem):
            ports = [port.port for port in found.ports if port.port] or [0]
            addresses = [a for host in found.endpoints if host.conditions.ready is not False for a in host.addresses]
            slices[(namespace, item.labels.get("kubernetes.io/service-name"))] += _joined(addresses, ports)
        elif item.kind == "Endpoints" and not isinstance(old := decode(item, Endpoints), Problem):
            for subset in old.subsets:
                ports = [port.port for port in subset.ports if port.port] or [0]
                plain[(namespace, item.name)] += _joined([a.ip for a in subset.addresses], ports)
    return {key: tuple(dict.fromkeys(found)) for key, found in {**plain, **slices}.items()}


def _joined(addresses: Iterable[str], ports: Iterable[int]) -> list[str]:
    hosts = [f"[{address}]" if ":" in address else address for address in addresses]
    return [f"{host}:{port}" for host in hosts for port in ports]


def _service_entries(objects: Iterable[Object]) -> Iterator[ServiceFact]:
    for item in objects:
        if item.kind != "ServiceEntry":
            continue
        try:
            entry = msgspec.json.decode(item.body, type=_ServiceEntry, strict=False).spec
        except (msgspec.DecodeError, RecursionError):
            continue
        endpoints = tuple(host.address for host in entry.endpoints)
        for host in entry.hosts:
            yield ServiceFact(
                name=item.name,
                namespace=item.namespace or "default",
                host=host,
                addresses=tuple(entry.addresses),
                ports=tuple(ServicePortFact(port.name, port.number, port.protocol) for port in entry.ports),
                endpoints=endpoints or None,
                source="ServiceEntry",
                location=item.location,
            )


def _registry(mesh: Mesh) -> Iterator[ServiceFact]:
    for answer, index, service in registered(mesh.answers):
        yield ServiceFact(
            name=service.name,
            namespace=service.namespace,
            host=service.hostname,
            addresses=(*service.addresses, *service.auto_addresses),
            ports=tuple(ServicePortFact(port.name, port.port, port.protocol) for port in service.ports),
            source="registryz",
            location=Location(answer.captured.document, (index,)),
        )
