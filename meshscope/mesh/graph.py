"""The graph of one proxy: listener -> filter chain -> route configuration -> virtual host -> route -> cluster -> endpoint,
and the secrets that chains and clusters ask for.

A reference to something that does not exist is an edge too, with `exists` false.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from threading import RLock

from msgspec import Struct

from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET, STATIC, Resource
from meshscope.location import Location
from meshscope.mesh.account import ISTIOD
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.endpoints import endpoints_of
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.once import once
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.cluster import Cluster
from meshscope.xds.extension import Extension
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.listener import Listener, chain_path
from meshscope.xds.route import Route, VirtualHost
from meshscope.xds.tcp_proxy import TcpProxy
from meshscope.xds.tls import (
    CommonTlsContext,
    DownstreamTlsContext,
    QuicDownstreamTransport,
    QuicUpstreamTransport,
    UpstreamTlsContext,
)

Parts = tuple[str | int, ...]

_EDGES_OF_A_STEP = 1000
_WAIT = 0.05
"""Seconds until a thread that waits for another one's graph looks whether it is cancelled."""


class Node(Struct, frozen=True, order=True):
    """A stable id inside one proxy. `key` is a name, or for a part the names and indices that lead to it:

    filterchain (listener, index or "default") · virtual_host (table, name) · route (table, virtual host, index) ·
    endpoint (cluster, address). An inline table that shares its name is (name, listener, index of the chain).
    """

    kind: str
    key: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.kind}/{'/'.join(map(str, self.key))}"


class Edge(Struct, frozen=True):
    """`source` refers to `target` in the field at `location`."""

    source: Node
    target: Node
    location: Location
    exists: bool = True


def listener(name: str) -> Node:
    return Node("listener", (name,))


def route_config(name: str) -> Node:
    return Node("route_config", (name,))


def cluster(name: str) -> Node:
    return Node("cluster", (name,))


def secret(name: str) -> Node:
    return Node("secret", (name,))


class Graph:
    """`Mesh.graph` keeps one for each proxy. Safe to use from several threads."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self._edges: tuple[Edge, ...] | None = None
        self._building = RLock()

    def build(self, work: Work = UNFOLLOWED) -> None:
        """Finds all edges, unless they are found already. Raises CancelledError, also while another thread builds.

        `work` counts listeners, route tables and clusters.
        """
        while not self._building.acquire(timeout=_WAIT):
            work.step(0, 1)
        try:
            if self._edges is None:
                with collector_paused():
                    self._edges = tuple(self._all(work))
        finally:
            self._building.release()

    @property
    def edges(self) -> tuple[Edge, ...]:
        if self._edges is None:
            self.build()
        return self._edges or ()

    @once
    def _from(self) -> dict[Node, list[Edge]]:
        return _grouped(self.edges, "source")

    @once
    def _to(self) -> dict[Node, list[Edge]]:
        return _grouped(self.edges, "target")

    def reaches(self, node: Node) -> tuple[Edge, ...]:
        """The node's own references, in the order of its configuration."""
        return tuple(self._from.get(node, ()))

    def used_by(self, node: Node) -> tuple[Edge, ...]:
        """The references to a node."""
        return tuple(self._to.get(node, ()))

    @once
    def dangling(self) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if not edge.exists)

    # --- edges -----------------------------------------------------------------------------------------------------

    def _all(self, work: Work) -> Iterator[Edge]:
        tables = self.proxy.route_tables()
        total = len(self.proxy.resources(LISTENER)) + len(tables) + len(self.proxy.resources(CLUSTER))
        edges = count()
        for done, some in enumerate(self._by_resource(tables)):
            for edge in some:
                if next(edges) % _EDGES_OF_A_STEP == 0:
                    work.step(done, total)
                yield edge
        work.report(total, total)

    def _by_resource(self, tables: Iterable[RouteTable]) -> Iterator[Iterator[Edge]]:
        """The edges of each listener, route table and cluster."""
        for resource, body in self.proxy.listeners():
            yield self._of_listener(resource, body) if isinstance(body, Listener) else iter(())
        for table in tables:
            is_alone = self._inline_names[table.name] <= 1 and table.name
            yield self._of_table(table, route_config(table.name)) if is_alone else iter(())
        for resource, upstream in self.proxy.clusters():
            yield self._of_cluster(resource, upstream) if isinstance(upstream, Cluster) else iter(())

    def _of_listener(self, resource: Resource, body: Listener) -> Iterator[Edge]:
        for index, chain in body.chains():
            node = Node("filterchain", (resource.name, "default" if index is None else index))
            at = resource.location.below(chain_path(index))
            yield Edge(listener(resource.name), node, at)
            yield from self._of_chain(node, chain, at)

    def _of_chain(self, node: Node, chain: FilterChain, at: Location) -> Iterator[Edge]:
        for position, extension in enumerate(chain.filters):
            place = at.below(("filters", position, "typed_config"))
            config = extension.config
            if isinstance(config, HttpConnectionManager):
                yield from self._of_manager(node, config, place)
            elif isinstance(config, TcpProxy):
                where = ("weighted_clusters",) if config.weighted_clusters else ("cluster",)
                for name in config.cluster_names:
                    yield self._to_cluster(node, name, place.below(where))
        if chain.transport_socket:
            yield from self._to_secrets(node, chain.transport_socket, at / "transport_socket")

    def _of_manager(self, node: Node, manager: HttpConnectionManager, place: Location) -> Iterator[Edge]:
        if manager.rds:
            name = manager.rds.route_config_name
            exists = self.proxy.resource(ROUTES, name) is not None or not self.proxy.knows_all(ROUTES)
            yield Edge(node, route_config(name), place.below(("rds", "route_config_name")), exists)
        elif (inline := manager.inline_routes) is not None:
            name = inline.name
            if name and self._inline_names[name] == 1:
                yield Edge(node, route_config(name), place / "route_config")
            else:  # tables that share a name, also the empty one, are distinguished by their chain
                table = Node("route_config", (name, *node.key))
                at = place / "route_config"
                yield Edge(node, table, at)
                yield from self._of_table(RouteTable(name, STATIC, manager.route_config, at), table)

    @once
    def _inline_names(self) -> Counter[str]:
        return Counter(table.name for table in self.proxy.inline_tables)

    def _of_table(self, table: RouteTable, source: Node) -> Iterator[Edge]:
        for position, host in enumerate(virtual_hosts(table)):
            if isinstance(host, VirtualHost):
                node = Node("virtual_host", (*source.key, host.name))
                at = table.location.below(("virtual_hosts", position))
                yield Edge(source, node, at)
                for index, route in enumerate(host.routes):
                    step = Node("route", (*source.key, host.name, index))
                    yield Edge(node, step, at.below(("routes", index)))
                    yield from self._of_route(step, route, at.below(("routes", index)))

    def _of_route(self, node: Node, route: Route, at: Location) -> Iterator[Edge]:
        if not route.route:
            return
        if weighted := route.route.weighted_clusters:
            for index, choice in enumerate(weighted.clusters):
                if choice.name:
                    place = at.below(("route", "weighted_clusters", "clusters", index, "name"))
                    yield self._to_cluster(node, choice.name, place)
        elif route.route.cluster:
            yield self._to_cluster(node, route.route.cluster, at.below(("route", "cluster")))
        for index, mirror in enumerate(route.route.request_mirror_policies):
            if mirror.cluster:
                place = at.below(("route", "request_mirror_policies", index, "cluster"))
                yield self._to_cluster(node, mirror.cluster, place)

    def _of_cluster(self, resource: Resource, body: Cluster) -> Iterator[Edge]:
        node = cluster(resource.name)
        for name in body.members:
            yield self._to_cluster(node, name, resource.location.below(("cluster_type", "typed_config", "clusters")))
        for endpoint in endpoints_of(self.proxy, resource.name, body) or ():
            yield Edge(node, Node("endpoint", (resource.name, endpoint.address)), endpoint.location)
        if body.discovery_type == "EDS" and self._has_no_assignment(resource.name, body):
            at = resource.location / "eds_cluster_config"
            yield Edge(node, Node("endpoints", (body.assignment_name,)), at, exists=False)
        for path, socket in body.sockets():
            yield from self._to_secrets(node, socket, resource.location.below(path))

    def _has_no_assignment(self, name: str, body: Cluster) -> bool:
        """Envoy lists an assignment for every EDS cluster in its endpoint section, an empty one too."""
        return (
            self.proxy.knows_all(ENDPOINTS)
            and self.proxy.resource(ENDPOINTS, body.assignment_name) is None
            and name not in (self.proxy.live_clusters or {})
        )

    def _to_cluster(self, source: Node, name: str, location: Location) -> Edge:
        exists = self.proxy.resource(CLUSTER, name) is not None or not self.proxy.knows_all(CLUSTER)
        return Edge(source, cluster(name), location, exists)

    def _to_secrets(self, source: Node, socket: Extension, place: Location) -> Iterator[Edge]:
        held = {resource.name for resource in self.proxy.resources(SECRET, in_effect=False)}
        for path, context in _tls_contexts(socket):
            for inner, name in context.secret_references():
                exists = name in held or not self._lists_secret(name)
                yield Edge(
                    source, secret(name), place.below(("typed_config", *path, "common_tls_context", *inner)), exists
                )

    def _lists_secret(self, name: str) -> bool:
        """Whether a secret would be listed. istiod lists those that it sends (`kubernetes://NAME`), not those that a workload's
        agent makes.
        """
        return self.proxy.knows_all(SECRET) and (self.proxy.view != ISTIOD or "://" in name)


def _tls_contexts(socket: Extension) -> Iterator[tuple[Parts, CommonTlsContext]]:
    config = socket.config
    if isinstance(config, (DownstreamTlsContext, UpstreamTlsContext)):
        yield (), config.common_tls_context
    elif isinstance(config, QuicDownstreamTransport):
        yield ("downstream_tls_context",), config.downstream_tls_context.common_tls_context
    elif isinstance(config, QuicUpstreamTransport):
        yield ("upstream_tls_context",), config.upstream_tls_context.common_tls_context


def _grouped(edges: tuple[Edge, ...], end: str) -> dict[Node, list[Edge]]:
    groups: dict[Node, list[Edge]] = defaultdict(list)
    for edge in edges:
        groups[getattr(edge, end)].append(edge)
    return groups
