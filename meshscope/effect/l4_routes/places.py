"""The listeners in which a proxy should have the `tls` or `tcp` rules of a VirtualService."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_ports import opened_ports
from meshscope.effect.services import MeshService
from meshscope.effect.static_conditions import MESH
from meshscope.effect.written import Written
from meshscope.istio.hosts import overlap
from meshscope.istio.objects.gateway import Gateway, Server
from meshscope.istio.protocol import Family

TLS, TCP = "tls", "tcp"
_FAMILIES = {TLS: (Family.TLS,), TCP: (Family.TCP, Family.AUTO)}
_WILDCARD = "0.0.0.0"  # noqa: S104  # the name of a listener; nothing is bound


class L4Place(Struct, frozen=True):
    """The proxy has one of the listeners, by name. `port` is the one that a match's `port` is compared with."""

    listeners: tuple[str, ...]
    port: int
    gateway: str
    host: str


def mesh_l4_places(
    configuration: Configuration, client: Client, hosts: tuple[str, ...], kind: str
) -> Iterator[L4Place | str]:
    """Those of a sidecar; a text says why a host has none."""
    scope = configuration.scope(client)
    for host in hosts:
        services = scope.within(host)
        if not services:
            yield f"no service has the host {host}"
        for service in services:
            ports = [port for port in service.ports if port.protocol.family in _FAMILIES[kind]]
            if not ports:
                spoken = ", ".join(f"port {port.number} is {port.protocol.name}" for port in service.ports)
                yield f"{kind} rules are not for the ports of {service.host}: {spoken}"
            for port in ports:
                yield L4Place(_names(configuration, service, port.number), port.number, MESH, service.host)


def _names(configuration: Configuration, service: MeshService, port: int) -> tuple[str, ...]:
    """By the service's address, by those of its pods where it has none, or for all addresses."""
    addresses = [address for address in service.addresses if "/" not in address]
    if not addresses and service.selector:
        pods = configuration.mesh.network.pods
        addresses = [ip for pod in pods if pod.labels.match(service.selector) for ip in pod.ips]
    return tuple(f"{address}_{port}" for address in (*addresses, _WILDCARD))


def gateway_l4_places(
    configuration: Configuration, client: Client, gateway: Written[Gateway], hosts: tuple[str, ...], kind: str
) -> Iterator[L4Place]:
    name = f"{gateway.namespace}/{gateway.item.name}"
    for server in gateway.value.spec.servers:
        if takes(server, kind) and any(overlap(host, _bare(text)) for host in hosts for text in server.hosts):
            bind = server.bind or _WILDCARD
            ports = opened_ports(configuration, client, gateway, server.port.number)
            listeners = tuple(f"{bind}_{port}" for port in ports or (server.port.number,))
            yield L4Place(listeners, server.port.number, name, ", ".join(hosts))


def takes(server: Server, kind: str) -> bool:
    """TLS that is passed through takes `tls` rules, TCP and TLS that ends here `tcp` rules, AUTO_PASSTHROUGH none."""
    protocol = server.port.protocol.upper()
    mode = server.tls.mode if server.tls is not None else ""
    if kind == TLS:
        return mode == "PASSTHROUGH" and protocol in ("TLS", "HTTPS")
    return protocol in ("TCP", "MONGO", "MYSQL", "REDIS") or (protocol == "TLS" and "PASSTHROUGH" not in mode)


def _bare(text: str) -> str:
    return text.rpartition("/")[2]
