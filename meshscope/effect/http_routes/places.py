"""Where a proxy should have the routes of a VirtualService: its route configurations and their virtual hosts."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.cluster_set import unknown_service
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import MeshService, Port
from meshscope.effect.static_conditions import MESH, full_gateway
from meshscope.effect.written import Written
from meshscope.istio.hosts import full_host, is_within, specificity
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.protocol import Family
from meshscope.istio.version_gates import WILDCARD_HOSTS


class Place(Struct, frozen=True):
    """A virtual host of a route configuration. `port` is the one that a match's `port` is compared with. `gateway` is `mesh`,
    or the Gateway as `namespace/name`. `is_tls`: requests arrive by TLS that ends here.
    """

    table: str
    virtual_host: str
    host: str
    port: int
    gateway: str
    service: MeshService | None = None
    is_tls: bool = False

    def __str__(self) -> str:
        return f"route configuration {self.table}, virtual host {self.virtual_host}"


class Excluded(Struct, frozen=True):
    """Why a host has no place on a proxy, in words; `is_meant`: the rule should have reached it. `is_known` is False where
    nothing tells whether it has one.
    """

    because: str
    is_meant: bool = True
    is_known: bool = True


def hosts_of(one: Written[VirtualService]) -> tuple[str, ...]:
    return tuple(full_host(host, one.namespace) for host in one.value.spec.hosts)


def gateways_of(one: Written[VirtualService]) -> tuple[str, ...]:
    """`mesh`, and Gateways as `namespace/name`; none named is `mesh`."""
    named = one.value.spec.gateways
    return tuple(full_gateway(name, one.namespace) for name in named) if named else (MESH,)


def mesh_places(configuration: Configuration, client: Client, hosts: tuple[str, ...]) -> Iterator[Place | Excluded]:
    """Those of a sidecar. A host that is no service at all has a place on port 80 alone."""
    scope = configuration.scope(client)
    for host in hosts:
        if services := scope.within(host):
            closest = (one for one in services if not any(_is_closer(other, host, one.host) for other in hosts))
            for service in closest:
                yield from _places(configuration, client, service)
        elif known := next(configuration.services.within(host), None):
            yield _hidden(configuration, client, known)
        elif because := unknown_service(configuration.mesh, host):
            yield Excluded(because, is_known=False)
        elif host.startswith("*") and not configuration.knows(WILDCARD_HOSTS):
            yield Excluded(f"no service has a host of {host}, and this version of Istio drops such wildcards")
        else:
            yield Place("80", f"{host}:80", host, 80, MESH)


def _is_closer(other: str, host: str, service: str) -> bool:
    return is_within(service, other) and specificity(other) > specificity(host)


def _places(configuration: Configuration, client: Client, service: MeshService) -> Iterator[Place | Excluded]:
    scope = configuration.scope(client)
    others: list[str] = []
    found = False
    for port in service.ports:
        if port.protocol.family not in (Family.HTTP, Family.AUTO):
            others.append(f"port {port.number} is {port.protocol.name} ({port.protocol.because})")
        elif scope.service(service.host, port.number) == service:
            found = True
            table, virtual_host = table_of(service, port), f"{service.host}:{port.number}"
            yield Place(table, virtual_host, service.host, port.number, MESH, service)
    if others and not found:
        yield Excluded(f"http rules are for HTTP; {service.host} has none: {', '.join(others)}")


def table_of(service: MeshService, port: Port) -> str:
    """Ports that are sniffed have a table of their own where the service has an address of its own."""
    sniffed = port.protocol.family is Family.AUTO and any("/" not in address for address in service.addresses)
    return f"{service.host}:{port.number}" if sniffed else str(port.number)


def _hidden(configuration: Configuration, client: Client, known: MeshService) -> Excluded:
    scope = configuration.scope(client)
    exported = scope.exported(known.host)
    if not exported:
        return Excluded(f"{known} is not exported to namespace {client.namespace}", is_meant=False)
    return Excluded(f"{scope.sidecar or 'the Sidecar'} does not import {known.host}", is_meant=False)
