"""One route table made ready for many requests, and what its routes need, compiled once for each route."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from meshscope.location import Location
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_host_names
from meshscope.simulation.connection import Envoy
from meshscope.simulation.route.cluster_choice import ClusterChooser
from meshscope.simulation.route.mirrors import mirror_policies
from meshscope.simulation.route.upstream_request import UpstreamRequest
from meshscope.simulation.route.virtual_clusters import VirtualClusters
from meshscope.simulation.route.virtual_hosts import VirtualHosts
from meshscope.xds.route import Route, RouteConfiguration, VirtualHost

if TYPE_CHECKING:
    from meshscope.simulation.route.redirect import Redirect


class CompiledTable:
    """`location` is the table's; `name` its own, "" for a nameless one."""

    def __init__(self, table: RouteTable, envoy: Envoy) -> None:
        self.name, self.location, self.envoy = table.name, table.location, envoy
        self._table = table
        self._routes: dict[tuple[int, int], CompiledAction] = {}
        self._virtual_clusters: dict[int, VirtualClusters] = {}

    @cached_property
    def hosts(self) -> VirtualHosts:
        return VirtualHosts(self._table.raw, virtual_host_names(self._table))

    def host_location(self, index: int) -> Location:
        return self.location.below(("virtual_hosts", index))

    def tools(self, host_index: int, host: VirtualHost, route: Route) -> CompiledAction:
        """Kept by the route's identity: each leaf of a virtual host's matcher tree has its own first route."""
        key = (host_index, id(route))
        if key not in self._routes:
            head = self.hosts.head
            table = RouteConfiguration(**{name: getattr(head, name) for name in head.__struct_fields__})
            self._routes[key] = CompiledAction(table, host, route, self.envoy)
        return self._routes[key]

    def virtual_clusters(self, index: int, host: VirtualHost) -> VirtualClusters:
        if index not in self._virtual_clusters:
            self._virtual_clusters[index] = VirtualClusters(host, self.envoy)
        return self._virtual_clusters[index]


class CompiledAction:
    """What one route does: its way to clusters, its redirect, what it makes of a request."""

    def __init__(self, table: RouteConfiguration, host: VirtualHost, route: Route, envoy: Envoy) -> None:
        self.clusters = ClusterChooser(route, table, envoy)
        self.upstream = UpstreamRequest(table, host, route)
        self.mirrors = mirror_policies(route.route, host, table) if route.route else ()
        self._route = route  # kept alive: its identity is the key

    @cached_property
    def redirect(self) -> Redirect:
        from meshscope.simulation.route.redirect import Redirect  # few routes redirect

        return Redirect(self._route)
