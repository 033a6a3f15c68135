"""What a control plane was told: typed objects, services, settings and proxies. Each part is read at the first question."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from meshscope.effect.ages import Ages
from meshscope.effect.clients import Client, clients
from meshscope.effect.cluster_set import imported
from meshscope.effect.discovery import Discovery
from meshscope.effect.gateway_api import external_backends
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.gateway_api.translation import Translation
from meshscope.effect.ingress.translation import IngressTranslation
from meshscope.effect.scope import Scope, applied
from meshscope.effect.services import MeshService, Services
from meshscope.effect.written import Written, typed
from meshscope.istio.hosts import full_host, is_within
from meshscope.istio.mesh_config import MeshConfig, mesh_config_of, read_debug_mesh
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.istio.objects.envoy_filter import EnvoyFilter
from meshscope.istio.objects.gateway import Gateway
from meshscope.istio.objects.sidecar import Sidecar
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.version import Since, Version, parse_version
from meshscope.istio.version_gates import DEFAULT_EXPORT_TO
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import ServiceHost
from meshscope.once import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

K = TypeVar("K", bound=Struct)
NEWEST = (1, 32)
"""The last version of Istio whose rules are known here."""
NETWORKING, SECURITY = "networking.istio.io", "security.istio.io"


class Configuration:
    """Of one mesh. Whoever asks for one object has only the kinds read that can decide about it."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.ages = Ages(mesh)
        self.discovery = Discovery(mesh, lambda: self.settings)
        self.services = Services(mesh, self.ages, self._hides_services, self.hides, self._more_services)
        self._scopes: dict[str, Scope] = {}
        self._in_front: dict[str, tuple[ServiceHost, ...]] = {}

    def typed(self, kind: str, type_: type[K], group: str = NETWORKING) -> Iterator[Written[K]]:
        """Objects of a kind, oldest first, without those that do not read, or that the control plane does not look for."""
        found = typed(self.mesh, self.ages, kind, type_, group)
        return (one for one in found if not self.hides(one.namespace))

    def hides(self, namespace: str) -> bool:
        """Whether the control plane does not look into a namespace for Istio's objects, since 1.22."""
        return self.is_since(1, 22) and self.discovery.hides(namespace)

    def _hides_services(self, namespace: str) -> bool:
        return self.is_since(1, 10) and self.discovery.hides(namespace)

    def _more_services(self, known: Sequence[MeshService]) -> Iterator[MeshService]:
        yield from external_backends.services(
            one for one in self.gateway_api.sources.backends if not self.hides(one.namespace)
        )
        yield from imported(self.mesh, known)

    @once
    def gateway_api(self) -> Translation:
        return Translation(Sources(self.mesh, self.ages, self.is_since, self.services.port_number))

    @once
    def ingress(self) -> IngressTranslation:
        return IngressTranslation(self.mesh, self.ages, lambda: self.settings, self.services.port_number, self.is_since)

    @once
    def virtual_services(self) -> tuple[Written[VirtualService], ...]:
        """With those that istiod makes itself."""
        generated = (*self.gateway_api.virtual_services, *self.ingress.virtual_services)
        return self._with_generated(self.typed("VirtualService", VirtualService), generated)

    @once
    def virtual_services_by_name(self) -> dict[str, Written[VirtualService]]:
        """By `namespace/name`."""
        return {f"{one.namespace}/{one.item.name}": one for one in reversed(self.virtual_services)}

    def _with_generated(self, written: Iterable[Written[K]], generated: Iterable[Written[K]]) -> tuple[Written[K], ...]:
        """Oldest first. Of one that somebody saved from istiod ours counts, which knows what it is made of."""
        made = {one.item.ref: one for one in generated}
        found = [one for one in written if one.item.ref not in made]
        return tuple(sorted((*found, *made.values()), key=lambda one: self.ages.order(one.item)) if made else found)

    @once
    def destination_rules(self) -> tuple[Written[DestinationRule], ...]:
        """With those that istiod makes itself."""
        return self._with_generated(self.typed("DestinationRule", DestinationRule), self.gateway_api.destination_rules)

    @once
    def _rules_by_host(self) -> dict[tuple[str, str], list[Written[DestinationRule]]]:
        """By namespace and host as it is in full; wildcards under their pattern."""
        found: dict[tuple[str, str], list[Written[DestinationRule]]] = {}
        for one in self.destination_rules:
            found.setdefault((one.namespace, full_host(one.value.spec.host, one.namespace)), []).append(one)
        return found

    @once
    def _wildcards(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for namespace, host in self._rules_by_host:
            if host.startswith("*"):
                found.setdefault(namespace, []).append(host)
        return found

    def destination_rules_for(self, namespace: str, host: str) -> list[Written[DestinationRule]]:
        """Those of a namespace whose host stands for this one, oldest first for each host."""
        patterns = [host, *(pattern for pattern in self._wildcards.get(namespace, ()) if is_within(host, pattern))]
        return [one for pattern in dict.fromkeys(patterns) for one in self._rules_by_host.get((namespace, pattern), ())]

    @once
    def gateways(self) -> tuple[Written[Gateway], ...]:
        """With those that istiod makes itself."""
        generated = (*self.gateway_api.gateways, *self.ingress.gateways)
        return self._with_generated(self.typed("Gateway", Gateway), generated)

    @once
    def gateways_by_name(self) -> dict[str, Written[Gateway]]:
        """By `namespace/name`."""
        return {f"{one.namespace}/{one.item.name}": one for one in reversed(self.gateways)}

    @once
    def envoy_filters(self) -> tuple[Written[EnvoyFilter], ...]:
        return tuple(self.typed("EnvoyFilter", EnvoyFilter))

    @once
    def sidecars(self) -> tuple[Written[Sidecar], ...]:
        return tuple(self.typed("Sidecar", Sidecar))

    @once
    def clients(self) -> tuple[Client, ...]:
        return clients(self.mesh)

    @property
    def settings(self) -> MeshConfig:
        """The defaults where none were captured."""
        return self.captured_settings or MeshConfig()

    @once
    def captured_settings(self) -> MeshConfig | None:
        """istiod's own answer, else the ConfigMap `istio`."""
        for answer in self.mesh.answers_of("debug/mesh"):
            if answer.value is not None:
                found = read_debug_mesh(answer.value, answer.captured.document.name)
                if isinstance(found, MeshConfig):
                    return found
        for item in self.mesh.objects_of("ConfigMap", ""):
            if item.name == "istio" or item.name.startswith("istio-"):
                held = mesh_config_of(item)
                if isinstance(held, MeshConfig):
                    return held
        return None

    @once
    def version(self) -> Version | None:
        """The control plane's, else the newest of the proxies'; None where nothing tells."""
        texts = [
            answer.captured.document.body.decode("utf-8", "replace").strip().strip('"')
            for answer in self.mesh.answers_of("version")
        ]
        found = [parse_version(text) for text in texts]
        proxies = [proxy.node.istio_version for proxy in self.mesh.proxies if proxy.node]
        proxies += [one.sync.istio_version for one in self.mesh.synced.values()]
        found = [one for one in found if one] or list(map(parse_version, proxies))
        return max((one for one in found if one), default=None)

    @property
    def is_newer_than_rules(self) -> bool:
        return self.version is not None and self.version[:2] > NEWEST

    def is_since(self, *version: int) -> bool:
        """Whether the control plane is of that version or a later one; one of unknown version is the newest."""
        return self.version is None or self.version >= version

    def services_in_front(self, client: Client) -> tuple[ServiceHost, ...]:
        """The services of a proxy's namespace that select its workload, and ServiceEntries that list its address."""
        if client.name not in self._in_front:
            every = self.mesh.network.services
            self._in_front[client.name] = tuple(one for one in every if _is_in_front(one, client))
        return self._in_front[client.name]

    def knows(self, rule: Since) -> bool:
        """Whether the control plane follows a rule that patches of several lines brought."""
        return self.version is None or rule.holds(self.version)

    @once
    def service_export_to(self) -> tuple[str, ...]:
        """The mesh's default for Services and ServiceEntries."""
        return self._default(self.settings.default_service_export_to)

    @once
    def virtual_service_export_to(self) -> tuple[str, ...]:
        """The mesh's default for VirtualServices."""
        return self._default(self.settings.default_virtual_service_export_to)

    def _default(self, export_to: tuple[str, ...]) -> tuple[str, ...]:
        """Of several places older control planes take `.` alone."""
        return export_to if self.knows(DEFAULT_EXPORT_TO) or "." not in export_to else (".",)

    def scope(self, client: Client) -> Scope:
        """What a proxy is told of; a gateway knows no Sidecar."""
        if client.name not in self._scopes:
            sidecar = applied(self.sidecars, client, self.settings.root_namespace) if client.kind == "sidecar" else None
            self._scopes[client.name] = Scope(client, self.services, sidecar, self.service_export_to)
        return self._scopes[client.name]


def _is_in_front(service: ServiceHost, client: Client) -> bool:
    if service.fixed is not None:
        return any(one.address in client.addresses for one in service.fixed)
    is_selecting = bool(service.selector) and service.namespace == client.namespace
    return is_selecting and client.labels.match(service.selector)
