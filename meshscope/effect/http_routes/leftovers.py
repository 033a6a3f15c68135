"""Routes that istiod makes of a VirtualService by the way: its hosts have virtual hosts in the table of port 80, also where the
services behind them do not have that port. They serve requests to a port that nobody listens on, and are no effect of the rule;
but they are made of it.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go (BuildSidecarVirtualHostWrapper)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshscope.effect.answer import Made
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.comparison import compared
from meshscope.effect.http_routes.delegates import Rule
from meshscope.effect.http_routes.expected import expected_routes
from meshscope.effect.http_routes.ownership import actual_routes
from meshscope.effect.http_routes.places import Place, gateways_of, hosts_of, mesh_places
from meshscope.effect.http_routes.table_index import indexed
from meshscope.effect.made import ROUTE
from meshscope.effect.static_conditions import MESH
from meshscope.effect.written import Written
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.protocol import Family
from meshscope.istio.version_gates import WILDCARD_HOSTS
from meshscope.mesh.virtual_hosts import virtual_host_at
from meshscope.path import Path
from meshscope.xds.route import VirtualHost

_PORT = 80
"""The only port of whose table istiod gives a virtual host to hosts that have no service there."""


def leftover_routes(
    configuration: Configuration, client: Client, one: Written[VirtualService], rules: Sequence[Rule]
) -> Iterator[tuple[Path, Made]]:
    """Of a sidecar; each that has the facts which the rule asks for, with the rule's path. A host that is no service at all has
    its place there anyway.
    """
    table = client.tables.get(str(_PORT))
    if table is None or client.kind != "sidecar":
        return
    own = {place for place in mesh_places(configuration, client, hosts_of(one)) if isinstance(place, Place)}
    for place in leftover_places(configuration, client, one):
        if place in own:
            continue
        index = indexed(table).by_name.get(place.virtual_host)
        host = virtual_host_at(table, index) if index is not None else None
        if index is None or not isinstance(host, VirtualHost):
            continue
        expected = tuple(expected_routes(configuration, client, place, rules, one))
        for pair in compared(expected, actual_routes(configuration.mesh, host, one)):
            if pair.actual is not None and not pair.differences:
                number = pair.actual.index
                where = table.location.below(("virtual_hosts", index, "routes", number))
                yield pair.expected.path, Made(ROUTE, f"{place.table}/{place.virtual_host}/{number}", where)


def leftover_places(configuration: Configuration, client: Client, one: Written[VirtualService]) -> Iterator[Place]:
    """On a sidecar: for each host of which no service that the proxy knows speaks HTTP on the port, also one without any."""
    scope = configuration.scope(client)
    if client.kind != "sidecar" or MESH not in gateways_of(one) or not scope.imports(one.namespace, hosts_of(one)):
        return
    for host in hosts_of(one):
        if host.startswith("*") and not configuration.knows(WILDCARD_HOSTS):
            continue
        ports = [port for service in scope.within(host) for port in service.ports]
        if not any(port.number == _PORT and port.protocol.family in _HTTP for port in ports):
            yield Place(str(_PORT), f"{host}:{_PORT}", host, _PORT, MESH)


_HTTP = (Family.HTTP, Family.AUTO)
