"""The services of the control plane, with what decides who sees them and what their ports speak.

Of manifests where they are there, else of istiod's registry. https://istio.io/latest/docs/ops/configuration/traffic-management/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.istio.hosts import full_host, is_within
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.service import Service
from meshscope.istio.labels import Labels
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.protocol import Family, Protocol, protocol_of
from meshscope.location import Location
from meshscope.mesh.control_plane import registered
from meshscope.mesh.mesh import Mesh
from meshscope.once import once
from meshscope.snapshot.snapshot import Problem

if TYPE_CHECKING:
    from meshscope.effect.ages import Ages
    from meshscope.istio.debug.registry import RegisteredService
    from meshscope.istio.manifest import Object

KUBERNETES, EXTERNAL = "Kubernetes", "External"
EXPORT_TO = "networking.istio.io/exportTo"
_NAMED = {"HTTP": Family.HTTP, "HTTP2": Family.HTTP, "GRPC": Family.HTTP, "GRPC-Web": Family.HTTP, "HTTP_PROXY": Family.HTTP,
          "HTTPS": Family.TLS, "TLS": Family.TLS, "UDP": Family.UDP, "UnsupportedProtocol": Family.AUTO}  # fmt: skip


class Port(Struct, frozen=True):
    number: int
    name: str
    protocol: Protocol


class MeshService(Struct, frozen=True, kw_only=True):
    """`registry` is Kubernetes or External, which is a ServiceEntry. `created` sorts by age, None where that is unknown.

    `alias_of` is the host that an ExternalName Service stands for, "" for others. `kind` is that of the object that it is made
    of, where that is neither a Service nor a ServiceEntry.
    """

    host: str
    name: str
    namespace: str
    registry: str
    ports: tuple[Port, ...]
    export_to: tuple[str, ...] = ()
    resolution: str = ""
    addresses: tuple[str, ...] = ()
    selector: Labels = Labels()
    is_external: bool = False
    alias_of: str = ""
    created: str = ""
    location: Location | None = None
    kind: str = ""

    def port(self, number: int) -> Port | None:
        return next((port for port in self.ports if port.number == number), None)

    def __str__(self) -> str:
        kind = self.kind or ("Service" if self.registry == KUBERNETES else "ServiceEntry")
        return f"{kind} {self.namespace}/{self.name}"


class Services:
    """All of them, whoever sees them, and look-ups by host. Several namespaces may have the same host.

    `hides_services` and `hides_entries` say of a namespace whether the control plane does not look into it; `more` makes
    services of objects of other kinds, and is told those of manifests.
    """

    def __init__(
        self,
        mesh: Mesh,
        ages: Ages,
        hides_services: Callable[[str], bool],
        hides_entries: Callable[[str], bool],
        more: Callable[[Sequence[MeshService]], Iterable[MeshService]] = lambda _: (),
    ) -> None:
        self._mesh, self._ages = mesh, ages
        self._hides_services, self._hides_entries, self._more = hides_services, hides_entries, more

    @once
    def all(self) -> tuple[MeshService, ...]:
        found = [*self._of_kubernetes(), *self._of_entries()]
        found += self._more(found)
        known = {(service.host, service.namespace) for service in found}
        found += [service for service in self._of_registry() if (service.host, service.namespace) not in known]
        return tuple(found)

    @once
    def _by_host(self) -> dict[str, tuple[MeshService, ...]]:
        found: dict[str, tuple[MeshService, ...]] = {}
        for service in self.all:
            found[service.host] = (*found.get(service.host, ()), service)
        return found

    def named(self, host: str) -> tuple[MeshService, ...]:
        """Those with exactly this host."""
        return self._by_host.get(host, ())

    def port_number(self, host: str, name: str) -> int:
        """Of a port by its name; 0 for one that does not exist."""
        return next((port.number for one in self.named(host) for port in one.ports if port.name == name), 0)

    def within(self, pattern: str) -> Iterator[MeshService]:
        """Those whose host is one of the pattern's names."""
        if "*" not in pattern:
            yield from self.named(pattern)
        else:
            yield from (service for service in self.all if is_within(service.host, pattern))

    def _of_kubernetes(self) -> Iterator[MeshService]:
        for item in self._mesh.objects_of("Service", ""):
            service = decode(item, Service)
            if isinstance(service, Problem) or self._hides_services(item.namespace or "default"):
                continue
            namespace, spec = item.namespace or "default", service.spec
            ports = (
                Port(one.port, one.name, protocol_of(one.port, one.name, one.app_protocol, one.protocol))
                for one in spec.ports
            )
            yield MeshService(
                host=full_host(item.name, namespace),
                name=item.name,
                namespace=namespace,
                registry=KUBERNETES,
                ports=tuple(ports),
                export_to=_listed(item.annotations.get(EXPORT_TO)),
                resolution="Passthrough" if service.headless else "ClientSide",
                addresses=service.addresses,
                selector=spec.selector,
                alias_of=spec.external_name if spec.type == "ExternalName" else "",
                created=self._ages.of(item),
                location=item.location,
            )

    def _of_entries(self) -> Iterator[MeshService]:
        for item in self._mesh.objects_of("ServiceEntry"):
            entry = decode(item, ServiceEntry)
            if not isinstance(entry, Problem) and not self._hides_entries(item.namespace or "default"):
                yield from self._of_entry(item, entry)

    def _of_entry(self, item: Object, entry: ServiceEntry) -> Iterator[MeshService]:
        spec = entry.spec
        ports = tuple(Port(one.number, one.name, _of_entry_port(one.number, one.protocol)) for one in spec.ports)
        for host in spec.hosts:
            yield MeshService(
                host=host,
                name=item.name,
                namespace=item.namespace or "default",
                registry=EXTERNAL,
                ports=ports,
                export_to=spec.export_to,
                resolution=spec.resolution or "NONE",
                addresses=spec.addresses,
                selector=spec.workload_selector.labels if spec.workload_selector else Labels(),
                is_external=spec.location != "MESH_INTERNAL",
                created=self._ages.of(item),
                location=item.location,
            )

    def _of_registry(self) -> Iterator[MeshService]:
        for answer, index, known in registered(
            self._mesh.answers_of("debug/registryz"), self._mesh.objects_by.replaced
        ):
            yield _registered(known, Location(answer.captured.document, (index,)))


def _of_entry_port(number: int, protocol: str) -> Protocol:
    found = protocol_of(number, "", protocol)
    return found if not protocol else Protocol(found.name, found.family, f"its protocol is {protocol}")


def _registered(known: RegisteredService, location: Location) -> MeshService:
    ports = (
        Port(one.port, one.name, Protocol(one.protocol, _NAMED.get(one.protocol, Family.TCP), "istiod says so"))
        for one in known.ports
    )
    return MeshService(
        host=known.hostname,
        name=known.name,
        namespace=known.namespace,
        registry=KUBERNETES if known.registry == KUBERNETES else EXTERNAL,
        ports=tuple(ports),
        export_to=known.export_to,
        resolution=known.resolution,
        addresses=known.addresses,
        selector=known.selector,
        is_external=known.mesh_external,
        alias_of=known.external_name if known.resolution == "Alias" else "",
        created=known.created_at,
        location=location,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
