"""Where a filter chain leads: a route table, an inline table, clusters, or a filter that answers itself."""

from __future__ import annotations

from msgspec import Struct

from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.http_connection_manager import HttpConnectionManager


class ChainDestination(Struct, frozen=True):
    """`kind` is Route, Scoped Route, Inline Route, Cluster, or the name of the last filter ("" for none)."""

    kind: str
    route_configs: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    shown: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.shown}" if self.shown else self.kind or "no filters"


def destination(chain: FilterChain) -> ChainDestination:
    if chain.http:
        return _of_http(chain.http[1])
    if chain.tcp:
        names = chain.tcp[1].cluster_names
        return ChainDestination("Cluster", (), names, ", ".join(names))
    return ChainDestination(chain.filters[-1].name if chain.filters else "")


def _of_http(manager: HttpConnectionManager) -> ChainDestination:
    if manager.rds:
        return ChainDestination("Route", (manager.rds.route_config_name,), (), manager.rds.route_config_name)
    if manager.scoped_routes:
        return ChainDestination("Scoped Route", (), (), manager.scoped_routes.name)
    table = manager.inline_routes
    if table is None:
        return ChainDestination("HTTP")
    routes = [route for host in table.virtual_hosts for route in host.routes]
    clusters = tuple(dict.fromkeys(name for route in routes if route.route for name in route.route.cluster_names))
    paths = ", ".join(route.match.path_specifier() for route in routes[:3]) + (" …" if len(routes) > 3 else "")
    return ChainDestination("Inline Route", (table.name,) if table.name else (), clusters, paths)
