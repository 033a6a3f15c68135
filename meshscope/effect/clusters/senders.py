"""The routes and the filter chains of a proxy that lead to a cluster."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw, Struct

from meshscope.effect.clients import Client
from meshscope.envoy.resource import LISTENER
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import owner_of
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable
from meshscope.xds.route_action import RouteAction
from meshscope.xds.tcp_proxy import TcpProxy


class Sender(Struct, frozen=True):
    """A route, or the TCP proxy of a filter chain. `is_alone`: it leads to no other cluster. `owner` is the rule that a route
    is made of, None for istiod's own.
    """

    name: str
    hash_policy: tuple[Raw, ...]
    is_alone: bool
    owner: ObjectRef | None = None
    proxy: TcpProxy | None = None


def senders(mesh: Mesh, client: Client, cluster: str, *, is_tcp: bool) -> tuple[Sender, ...]:
    """All are kept, since each rule asks for its own."""
    every = _all_chains if is_tcp else _all_routes
    by_cluster = mesh.derived(("senders", client.name, is_tcp), lambda: _by_cluster(every(client)))
    return tuple(by_cluster.get(cluster, ()))


def _by_cluster(found: Iterator[tuple[tuple[str, ...], Sender]]) -> dict[str, list[Sender]]:
    by_name: dict[str, list[Sender]] = {}
    for names, sender in found:
        for name in names:
            by_name.setdefault(name, []).append(sender)
    return by_name


def _all_routes(client: Client) -> Iterator[tuple[tuple[str, ...], Sender]]:
    for table in client.tables.values():
        for host in virtual_hosts(table):
            for index, route in enumerate(() if isinstance(host, Undecodable) else host.routes):
                if isinstance(route.route, RouteAction):
                    names = route.route.cluster_names
                    name = f"route {table.name}/{getattr(host, 'name', '')}/{index}"
                    yield names, Sender(name, route.route.hash_policy, len(names) == 1, owner_of(route.metadata))


def _all_chains(client: Client) -> Iterator[tuple[tuple[str, ...], Sender]]:
    for resource in client.proxy.resources(LISTENER):
        listener = client.proxy.read(resource, Listener)
        for index, chain in listener.chains() if isinstance(listener, Listener) else ():
            if chain.tcp:
                proxy = chain.tcp[1]
                names = proxy.cluster_names
                name = f"filter chain {resource.name}/{'default' if index is None else index}"
                yield names, Sender(name, proxy.hash_policy, len(names) == 1, proxy=proxy)
