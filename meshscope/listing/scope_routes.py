"""The routes of a scope: their bodies, read one virtual host at a time, and what weighted ones give to a cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import islice

from msgspec import Raw, Struct

from meshscope.listing.scope import Positions, Scope, line_of
from meshscope.mesh.graph import Node, route_config
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_host_slices
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.route import Route

_MOST_ROUTES = 16
"""Routes whose weights are compared; a cluster of more routes shows none."""


class Host(Struct):
    domains: tuple[str, ...] = ()
    routes: list[Raw] = []


class ScopeRoutes:
    """Safe to use from several threads."""

    def __init__(self, proxy: Proxy, scope: Scope) -> None:
        self._proxy, self._scope = proxy, scope
        self._hosts = lru_cache(8)(self._read_hosts)
        self.host = lru_cache(64)(self._read_host)
        self._shares = lru_cache(1024)(self._read_shares)
        self._tables = cache(self._all_tables)

    def _all_tables(self) -> dict[Node | object, RouteTable]:
        """By name, and inline ones by their place too."""
        tables: dict[Node | object, RouteTable] = {table.location: table for table in self._proxy.inline_tables}
        tables.update((route_config(table.name), table) for table in self._proxy.route_tables())
        return tables

    def table(self, node: Node) -> RouteTable | None:
        edge = self._scope.reference(node)
        if len(node.key) > 1 and edge is not None:
            return self._tables().get(edge.location)
        return self._tables().get(node)

    def _read_hosts(self, table: Node) -> Sequence[Raw]:
        found = self.table(table)
        hosts = virtual_host_slices(found.raw) if found else ()
        return () if isinstance(hosts, Undecodable) else hosts

    def _read_host(self, node: Node) -> Host | None:
        edge = self._scope.reference(node)
        hosts = self._hosts(Node("route_config", node.key[:-1]))
        position = edge.location.path[-1] if edge else None
        if not isinstance(position, int) or position >= len(hosts):
            return None
        body = decode(hosts[position], Host)
        return body if isinstance(body, Host) else None

    def route(self, node: Node) -> Route | None:
        """The body of a route; None where it cannot be read."""
        host, index = self.host(Node("virtual_host", node.key[:-1])), node.key[-1]
        if host is None or not isinstance(index, int) or index >= len(host.routes):
            return None
        body = decode(host.routes[index], Route)
        return body if isinstance(body, Route) else None

    def weights(self, cluster: Node, routes: Positions) -> tuple[str, ...]:
        """The distinct shares, as `90%`, that weighted routes give to a cluster; only the routes at those positions count."""
        sources = dict.fromkeys(islice(self._scope.sources(cluster), _MOST_ROUTES + 1))
        if len(sources) > _MOST_ROUTES:
            return ()
        places = ((source, self._scope.place(source)) for source in sources if source.kind == "route")
        shown = (source for source, place in places if place and line_of(routes, place[1]) is not None)
        name = str(cluster.key[0])
        return tuple(dict.fromkeys(shares[name] for route in shown if name in (shares := self._shares(route))))

    def _read_shares(self, node: Node) -> dict[str, str]:
        """The share of each cluster of a weighted route."""
        route = self.route(node)
        weighted = route.route.weighted_clusters if route and route.route else None
        weights: Counter[str] = Counter()
        for choice in weighted.clusters if weighted else ():
            weights[choice.name] += choice.weight
        total = sum(weights.values())
        return {name: f"{100 * weight / total:.3g}%" for name, weight in weights.items()} if total else {}
