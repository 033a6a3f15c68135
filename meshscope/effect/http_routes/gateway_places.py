"""Where a gateway should have the routes of a VirtualService: the servers of its Gateways that serve the hosts.

https://istio.io/latest/docs/reference/config/networking/gateway/ ; names and ports as istiod makes them
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/gateway.go).
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_ports import opened_ports
from meshscope.effect.gateway_selection import why_not_selected
from meshscope.effect.http_routes.places import Excluded, Place
from meshscope.effect.static_conditions import MESH
from meshscope.effect.written import Written
from meshscope.istio.hosts import intersection
from meshscope.istio.objects.gateway import Gateway, Server

_PLAIN = ("HTTP", "HTTP2", "GRPC", "GRPC-WEB")
_NOT_TERMINATED = ("PASSTHROUGH", "AUTO_PASSTHROUGH")


def gateway_places(
    configuration: Configuration, client: Client, hosts: tuple[str, ...], gateways: tuple[str, ...], namespace: str
) -> Iterator[Place | Excluded]:
    """`namespace` is the VirtualService's, which a server's host may ask for."""
    selected = []
    for name in gateways:
        if name == MESH:
            continue
        gateway = configuration.gateways_by_name.get(name)
        if gateway is None:
            yield Excluded(f"Gateway {name} does not exist")
        elif why_not_selected(configuration, client, gateway):
            yield Excluded(f"{gateway} does not select the proxy", is_meant=False)
        else:
            selected.append(gateway)
            yield from _of_gateway(configuration, client, gateway, hosts, namespace)
    for host in hosts if selected else ():
        servers = [(server, one.namespace) for one in selected for server in one.value.spec.servers]
        if not any(tuple(served(server, place, (host,), namespace)) for server, place in servers):
            yield Excluded(f"no server of {', '.join(map(str, selected))} has the host {host}")


def _of_gateway(
    configuration: Configuration, client: Client, gateway: Written[Gateway], hosts: tuple[str, ...], namespace: str
) -> Iterator[Place | Excluded]:
    refused: list[str] = []
    found = False
    for server in gateway.value.spec.servers:
        taken = tuple(dict.fromkeys(served(server, gateway.namespace, hosts, namespace)))
        if not taken:
            continue
        protocol = server.port.protocol.upper()
        mode = server.tls.mode if server.tls else ""
        if protocol not in _PLAIN and (protocol != "HTTPS" or mode in _NOT_TERMINATED):
            refused.append(
                f"server {server.port.name} is {protocol}{f' {mode}' if mode else ''}, which has no http rules"
            )
            continue
        found = True
        tables = _tables(configuration, client, gateway, server)
        if not tables:
            yield Excluded(f"no Service of {gateway} has port {server.port.number}, so that nothing listens")
        for table in tables:
            for host in taken:
                at = f"{host}:{server.port.number}"
                gateway_name = f"{gateway.namespace}/{gateway.item.name}"
                yield Place(table, at, host, server.port.number, gateway_name, is_tls=protocol == "HTTPS")
    if refused and not found:
        yield Excluded("; ".join(refused))


def served(server: Server, gateway: str, hosts: tuple[str, ...], namespace: str) -> Iterator[str]:
    """Of the hosts of a VirtualService those that a server takes, or the part of each. `gateway` is the Gateway's namespace."""
    for text in server.hosts:
        place, slash, pattern = text.partition("/")
        place, pattern = (place, pattern) if slash else ("*", text)
        if (gateway if place == "." else place) in ("*", namespace):
            yield from (narrower for host in hosts if (narrower := intersection(host, pattern)))


def _tables(configuration: Configuration, client: Client, gateway: Written[Gateway], server: Server) -> tuple[str, ...]:
    """The name of the route configuration; of plain HTTP with the pod's port, before Istio 1.11 with the server's."""
    bind = f".{server.bind}" if server.bind else ""
    if server.port.protocol.upper() == "HTTPS":
        return (f"https.{server.port.number}.{server.port.name}.{gateway.item.name}.{gateway.namespace}{bind}",)
    number = server.port.number
    ports = opened_ports(configuration, client, gateway, number) if configuration.is_since(1, 11) else (number,)
    return tuple(f"http.{port}{bind}" for port in ports)
