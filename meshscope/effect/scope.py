"""What a proxy is told of: services and rules that are exported to its namespace and that its Sidecar does not leave out.

https://istio.io/latest/docs/reference/config/networking/sidecar/
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.services import KUBERNETES, MeshService, Services
from meshscope.effect.written import Written
from meshscope.istio.export_to import reach
from meshscope.istio.hosts import is_within, overlap
from meshscope.istio.labels import Labels
from meshscope.istio.objects.sidecar import Sidecar


class Egress(Struct, frozen=True):
    """One egress listener: its port, 0 for all others, and pairs of namespace and host pattern."""

    port: int
    hosts: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def has_service(self, service: MeshService) -> bool:
        return self._names(service.namespace, service.host, self.hosts) and not self._names(
            service.namespace, service.host, self.left_out
        )

    def has_hosts(self, namespace: str, hosts: Iterable[str]) -> bool:
        """Whether a VirtualService with these hosts is imported."""
        return any(
            place in ("*", namespace) and any(overlap(host, pattern) for host in hosts) for place, pattern in self.hosts
        )

    @staticmethod
    def _names(namespace: str, host: str, pairs: tuple[tuple[str, str], ...]) -> bool:
        return any(place in ("*", namespace) and is_within(host, pattern) for place, pattern in pairs)


_ALL = (Egress(0, (("*", "*"),)),)


def applied(sidecars: Iterable[Written[Sidecar]], client: Client, root: str) -> Written[Sidecar] | None:
    """The Sidecar that applies to a proxy: one that selects it, else its namespace's, else the root namespace's. Of several the
    oldest, which stands first.
    """
    of_namespace = of_root = None
    for one in sidecars:
        wanted = one.value.spec.workload_selector
        labels = wanted.labels if wanted else Labels()
        if one.namespace == client.namespace and labels and client.labels.match(labels):
            return one
        if one.namespace == client.namespace and not labels:
            of_namespace = of_namespace or one
        elif one.namespace == root and not labels:
            of_root = of_root or one
    return of_namespace or of_root


class Scope:
    """`sidecar` is the one that applies, None for the whole mesh. `export_to` is the mesh's default for services."""

    def __init__(
        self, client: Client, services: Services, sidecar: Written[Sidecar] | None, export_to: tuple[str, ...]
    ) -> None:
        self.sidecar = sidecar
        self._client, self._services, self._export_to = client, services, export_to
        self._egress = egress_of(sidecar, client.namespace) if sidecar else _ALL

    def listener(self, port: int) -> Egress | None:
        """The egress listener of a port: its own, else the one for all others."""
        own = next((one for one in self._egress if one.port == port), None)
        return own or next((one for one in self._egress if not one.port), None)

    def imports(self, namespace: str, hosts: Iterable[str]) -> bool:
        """Whether some egress listener has room for a rule of those hosts."""
        wanted = tuple(hosts)
        return any(one.has_hosts(namespace, wanted) for one in self._egress)

    def service(self, host: str, port: int) -> MeshService | None:
        """The service that the proxy takes for a host on a port. Several of one kind with one host may have a port each."""
        listener = self.listener(port)
        visible = [one for one in self.exported(host) if listener and listener.has_service(one)]
        first = min(visible, key=self._rank, default=None)
        alike = (one for one in visible if first and _kind(one) == _kind(first) and one.port(port))
        return min(alike, key=self._rank, default=None)

    def first(self, host: str) -> MeshService | None:
        """The service that has a host, where the proxy is told of any: its own namespace's, Kubernetes', the oldest."""
        return next(iter(self.within(host)), None)

    def exported(self, host: str) -> tuple[MeshService, ...]:
        """Services of that host whose exportTo names the proxy's namespace."""
        return tuple(one for one in self._services.named(host) if self._is_exported(one))

    def within(self, pattern: str) -> tuple[MeshService, ...]:
        """One service for each host within the pattern that is exported to the proxy and imported by its Sidecar."""
        found: dict[str, MeshService] = {}
        for one in self._services.within(pattern):
            if self._is_exported(one) and any(listener.has_service(one) for listener in self._egress):
                known = found.get(one.host)
                if known is None or self._rank(one) < self._rank(known):
                    found[one.host] = one
        return tuple(found.values())

    def _is_exported(self, service: MeshService) -> bool:
        to = service.export_to or self._export_to
        return reach(to, service.namespace, self._client.namespace) is not None

    def _rank(self, service: MeshService) -> tuple[bool, bool, str]:
        """Its own namespace's first, then Kubernetes', then the oldest."""
        return service.namespace != self._client.namespace, service.registry != KUBERNETES, service.created


def _kind(service: MeshService) -> tuple[object, ...]:
    """Only services that share these are merged."""
    return service.registry, service.namespace, service.resolution, service.selector


def egress_of(sidecar: Written[Sidecar], namespace: str) -> tuple[Egress, ...]:
    """`.` is the proxy's namespace, also in a Sidecar of the root namespace; `~` leaves out."""
    found = []
    for one in sidecar.value.spec.egress:
        pairs, left_out = [], []
        for text in one.hosts:
            place, slash, pattern = text.partition("/")
            place, pattern = (place, pattern) if slash else ("*", text)
            if place.startswith("~"):
                left_out.append((_place(place[1:], namespace) or "*", pattern))
            else:
                pairs.append((_place(place, namespace), pattern))
        found.append(Egress(one.port.number if one.port else 0, tuple(pairs), tuple(left_out)))
    return tuple(found) or _ALL


def _place(place: str, namespace: str) -> str:
    return namespace if place == "." else place
