"""Where a sidecar has a ServiceEntry's port besides its cluster: HTTP has a virtual host, anything else its own listeners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import table_of
from meshscope.effect.http_routes.table_index import indexed
from meshscope.effect.services import MeshService, Port
from meshscope.envoy.resource import LISTENER, ROUTES
from meshscope.istio.names import ClusterName
from meshscope.istio.protocol import Family
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import Listener


def place_differences(
    configuration: Configuration, client: Client, service: MeshService, port: Port
) -> Iterator[Difference]:
    """None for a proxy with listeners of a Sidecar's own. What becomes of the first of several addresses, and of the others,
    changes between versions, and is not asked.
    """
    sidecar = configuration.scope(client).sidecar
    if client.kind != "sidecar" or (sidecar and any(one.port for one in sidecar.value.spec.egress)):
        return
    addresses = [address for address in service.addresses if "/" not in address and len(service.addresses) == 1]
    if port.protocol.family is Family.HTTP:
        yield from _of_routes(client, service, port, addresses)
    elif port.protocol.family in (Family.TCP, Family.TLS):
        yield from _of_listeners(client, service, port, addresses)


def _of_routes(client: Client, service: MeshService, port: Port, addresses: Iterable[str]) -> Iterator[Difference]:
    table = client.tables.get(table_of(service, port))
    if table is None:
        if client.proxy.account.knows_all(ROUTES):
            yield Difference("route configuration", table_of(service, port), "")
        return
    known, name = indexed(table), f"{service.host}:{port.number}"
    if name not in known.by_name:
        yield Difference(f"route configuration {table.name} virtual host", name, "")
        return
    for address in addresses:
        if address not in known.by_domain:
            yield Difference(f"virtual host {name} domain", address, "")


def _of_listeners(client: Client, service: MeshService, port: Port, addresses: Iterable[str]) -> Iterator[Difference]:
    table, name = client.tables.get(str(port.number)), f"{service.host}:{port.number}"
    if table is not None and name in indexed(table).by_name:
        yield Difference(f"protocol of {name}", port.protocol.name, "HTTP: it has a virtual host")
    if client.proxy.account.knows_all(LISTENER):
        yield from _of_ranges(client, service, port)
    for address in addresses if client.proxy.account.knows_all(LISTENER) else ():
        if client.proxy.resource(LISTENER, f"{address}_{port.number}") is None:
            yield Difference("listener", f"{address}_{port.number}", "")


def _of_ranges(client: Client, service: MeshService, port: Port) -> Iterator[Difference]:
    """Addresses with a mask: filter chains of the listener for all addresses."""
    ranges = [address for address in service.addresses if "/" in address]
    resource = client.proxy.resource(LISTENER, f"0.0.0.0_{port.number}") if ranges else None
    listener = client.proxy.read(resource, Listener) if resource else None
    if not isinstance(listener, Listener):
        return
    known = [str(one) for _, chain in listener.chains() for one in chain.filter_chain_match.prefix_ranges]
    networks = set(map(_network, known))
    for address in ranges:
        if _network(address) not in networks:
            yield Difference(f"listener {listener.name} prefix_ranges", address, ", ".join(sorted(known)))


def _network(text: str) -> str:
    """Addresses with a mask in one spelling: what stands behind the mask says nothing."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return text


def listened_to(client: Client, service: MeshService, port: Port) -> tuple[str, ...]:
    """The service's own addresses from which the proxy leads connections to a port that is not HTTP to its host's cluster."""
    if client.kind != "sidecar" or port.protocol.family not in (Family.TCP, Family.TLS):
        return ()
    cluster = str(ClusterName("outbound", port.number, "", service.host))
    leading = _leading(client, f"0.0.0.0_{port.number}", cluster)
    networks = {_network(str(one)) for chain in leading for one in chain.filter_chain_match.prefix_ranges}
    return tuple(
        address
        for address in service.addresses
        if _network(address) in networks or _leading(client, f"{address}_{port.number}", cluster)
    )


def _leading(client: Client, name: str, cluster: str) -> list[FilterChain]:
    """The filter chains of a listener that lead to a cluster."""
    resource = client.proxy.resource(LISTENER, name)
    listener = client.proxy.read(resource, Listener) if resource else None
    chains = [chain for _, chain in listener.chains()] if isinstance(listener, Listener) else []
    return [one for one in chains if one.tcp and cluster in one.tcp[1].cluster_names]
