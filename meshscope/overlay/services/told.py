"""Which ports of which services a proxy is told of, and by which names it may ask for them.

https://istio.io/latest/docs/reference/config/networking/sidecar/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import hosts_of
from meshscope.effect.services import KUBERNETES, MeshService, Port
from meshscope.effect.static_conditions import MESH, full_gateway
from meshscope.istio.export_to import reach
from meshscope.istio.hosts import full_host
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.destination import Destination
from meshscope.istio.objects.virtual_service import VirtualServiceSpec
from meshscope.istio.protocol import Family

Spot = tuple[str, int]
"""A host and a port of it."""
_UNSPECIFIED = ("0.0.0.0", "::", "")  # noqa: S104  # no address that anything binds to

_PART = ".svc.cluster"
"""Up to Istio 1.6 a name has also the form with the first label of the domain."""


class Told(Struct, frozen=True):
    """A port of a service. `is_routed`: a sidecar has routes and listeners of it, not only clusters."""

    service: MeshService
    port: Port
    is_routed: bool = True

    @property
    def cluster(self) -> ClusterName:
        return ClusterName("outbound", self.port.number, "", self.service.host)

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(one for one in self.service.addresses if one not in _UNSPECIFIED)

    @property
    def key(self) -> tuple[object, ...]:
        """What decides about the shape of its cluster, and of its listeners."""
        one = self.service
        known = one.name, one.namespace, one.registry, one.resolution, one.is_external, self.addresses
        return (*known, self.port.protocol.name, self.is_routed)


def told(configuration: Configuration, client: Client, hosts: Iterable[str]) -> dict[Spot, Told]:
    """Of the hosts alone."""
    scope = configuration.scope(client)
    found: dict[Spot, Told] = {}
    for host in hosts:
        for service in configuration.services.named(host):
            if service.alias_of and configuration.is_since(1, 21):
                continue
            for port in service.ports:
                if port.protocol.family is not Family.UDP and scope.service(host, port.number) == service:
                    found.setdefault((host, port.number), Told(service, port, client.kind == "sidecar"))
    if scope.sidecar is not None:
        for one in _destinations(configuration, client, set(hosts)):
            found.setdefault((one.service.host, one.port.number), one)
    return found


def _destinations(configuration: Configuration, client: Client, hosts: set[str]) -> Iterator[Told]:
    """Where the rules that a Sidecar imports lead is known to the proxy, too."""
    scope = configuration.scope(client)
    for one in configuration.virtual_services:
        to = one.value.spec.export_to or configuration.virtual_service_export_to
        gateways = [full_gateway(name, one.namespace) for name in one.value.spec.gateways] or [MESH]
        is_seen = reach(to, one.namespace, client.namespace) is not None and MESH in gateways
        if not is_seen or not scope.imports(one.namespace, hosts_of(one)):
            continue
        for destination in _named(one.value.spec):
            host = full_host(destination.host, one.namespace)
            if host in hosts and (service := _closest(configuration, client, host)):
                number = destination.port.number if destination.port else 0
                for port in service.ports:
                    if number in (0, port.number) and port.protocol.family is not Family.UDP:
                        yield Told(service, port, is_routed=False)


def _closest(configuration: Configuration, client: Client, host: str) -> MeshService | None:
    exported = configuration.scope(client).exported(host)
    return min(
        exported,
        key=lambda one: (one.namespace != client.namespace, one.registry != KUBERNETES, one.created),
        default=None,
    )


def _named(spec: VirtualServiceSpec) -> Iterator[Destination]:
    for rule in spec.http:
        mirrors = [*(one.destination for one in rule.mirrors), rule.mirror]
        found = (*(one.destination for one in rule.route), *mirrors)
        yield from (one for one in found if one is not None)
    for rules in (spec.tls, spec.tcp):
        yield from (one.destination for each in rules for one in each.route)


class Spelling(Struct, frozen=True):
    """Which forms of a name a control plane writes: with the port, with a dot at its end, and with a part of the domain."""

    with_port: bool
    is_absolute_too: bool
    with_part: bool = False


def spelling_of(configuration: Configuration, domains: Iterable[str]) -> Spelling:
    """By domains of services that a proxy has, else by the version."""
    known = [name for name in domains if ".svc." in name]
    if not known:
        return Spelling(not configuration.is_since(1, 16), configuration.is_since(1, 27))
    with_part = any(name.partition(":")[0].endswith(_PART) for name in known)
    return Spelling(any(":" in name for name in known), any(name.endswith(".") for name in known), with_part)


def domains_of(configuration: Configuration, client: Client, one: Told, spelling: Spelling) -> tuple[str, ...]:
    """Names by which a sidecar takes requests for the port, with those of ExternalName Services that stand for it.

    https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/httproute.go (generateVirtualHostDomains)
    """
    scope = configuration.scope(client)
    aliases = [other.host for other in configuration.services.all if other.alias_of == one.service.host]
    seen = (host for host in aliases if configuration.is_since(1, 21) and scope.first(host) is not None)
    names: list[str] = []
    for host in (one.service.host, *seen):
        names += _spellings(client, host, one, spelling)
    names += one.addresses
    if not spelling.with_port:
        return tuple(dict.fromkeys(names))
    return tuple(dict.fromkeys(each for name in names for each in (name, f"{name}:{one.port.number}")))


def _spellings(client: Client, host: str, one: Told, spelling: Spelling) -> list[str]:
    name, _, rest = host.partition(".")
    namespace, is_of_kubernetes, _ = rest.partition(".svc.")
    found = [host, *([f"{host}."] if spelling.is_absolute_too else [])]
    if is_of_kubernetes and "." not in namespace:
        near = namespace == client.namespace
        short = [name, f"{name}.{namespace}.svc", f"{name}.{namespace}"]
        found += short if near else [short[2], short[1]]
        found += [f"{name}.{namespace}{_PART}"] if spelling.with_part else []
    if one.service.registry == KUBERNETES and one.service.resolution == "Passthrough":
        found += [f"*.{each}" for each in found]
    return found
