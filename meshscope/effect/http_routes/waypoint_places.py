"""Where a waypoint should have the routes of a VirtualService: the chains of the services that are reached through it.

https://istio.io/latest/docs/ambient/usage/waypoint/ ; names and clusters as istiod makes them
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener_waypoint.go).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import Excluded, Place
from meshscope.effect.services import MeshService
from meshscope.effect.static_conditions import MESH
from meshscope.istio.names import ClusterName, parse_cluster
from meshscope.istio.protocol import Family
from meshscope.istio.waypoint import GATEWAY_NAME
from meshscope.mesh.ambient import ambient_of

_VIP = "inbound-vip"


def waypoint_places(
    configuration: Configuration, client: Client, hosts: tuple[str, ...], namespace: str
) -> Iterator[Place | Excluded]:
    """`namespace` is the VirtualService's: a waypoint takes those of its own namespace and of the service's."""
    for host in hosts:
        for service in configuration.services.within(host):
            if not serves(configuration, client, service):
                yield Excluded(f"{service} is not reached through this waypoint", is_meant=False)
            elif namespace not in (service.namespace, client.namespace):
                because = (
                    f"a waypoint takes rules of {client.namespace} and, for {service}, of {service.namespace} alone"
                )
                yield Excluded(because, is_meant=False)
            else:
                yield from _of_service(service)


def serves(configuration: Configuration, client: Client, service: MeshService) -> bool:
    """Whether a service is reached through the waypoint: it has a chain for it, or labels say so."""
    if any(str(_cluster(service, port.number)) in client.tables for port in service.ports):
        return True
    known = configuration.mesh.network.service_named(service.host)
    named = ambient_of(configuration.mesh).waypoints_of_service(known) if known else ()
    own = (client.namespace, client.labels.get(GATEWAY_NAME))
    return any((one.namespace, one.name) == own for one in named)


def at_waypoint(configuration: Configuration, client: Client, name: str) -> str:
    """The cluster that a waypoint has instead of an outbound one: for services of the mesh that are reached through it."""
    cluster = parse_cluster(name)
    service = next(iter(configuration.services.named(cluster.host)), None) if cluster else None
    if cluster is None or (service and (service.is_external or not serves(configuration, client, service))):
        return name
    return str(replace(cluster, direction=_VIP, protocol="http"))


def _of_service(service: MeshService) -> Iterator[Place | Excluded]:
    ports = [port for port in service.ports if port.protocol.family in (Family.HTTP, Family.AUTO)]
    for port in ports:
        table = str(_cluster(service, port.number))
        yield Place(table, f"inbound|http|{port.number}", service.host, port.number, MESH, service)
    if not ports:
        spoken = ", ".join(
            f"port {port.number} is {port.protocol.name} ({port.protocol.because})" for port in service.ports
        )
        yield Excluded(f"http rules are for HTTP; {service.host} has none: {spoken}")


def _cluster(service: MeshService, port: int) -> ClusterName:
    return ClusterName(_VIP, port, "", service.host, "http")
