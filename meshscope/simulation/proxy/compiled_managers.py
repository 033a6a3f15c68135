"""What connection managers use: route tables, HTTP filters, and the mappers of Envoy's own answers, each compiled once.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_connection_management
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from meshscope.envoy.dump_builder import name_of
from meshscope.envoy.resource import ECDS
from meshscope.location import Document, Location
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.route_table import RouteTable
from meshscope.simulation.connection import Envoy
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.route.table import CompiledTable
from meshscope.xds.extension import Extension
from meshscope.xds.http_connection_manager import HttpConnectionManager, UpgradeConfig
from meshscope.xds.message import present

if TYPE_CHECKING:
    from meshscope.simulation.proxy.reply_mappers import ReplyMappers
    from meshscope.simulation.proxy.scoped_tables import ScopedTables


class CompiledManagers:
    def __init__(self, captured: Proxy, envoy: Envoy) -> None:
        self._captured, self._envoy = captured, envoy
        self._tables: dict[str, CompiledTable | None] = {}
        # by identity: the value keeps the object whose identity is the key
        self._http_filters: dict[int, tuple[HttpConnectionManager, HttpFilters]] = {}
        self._upgrade_filters: dict[int, tuple[UpgradeConfig, HttpFilters]] = {}
        self._reply_mappers: dict[int, tuple[HttpConnectionManager, ReplyMappers]] = {}
        self._inline: dict[int, tuple[HttpConnectionManager, CompiledTable]] = {}
        self._scoped: dict[int, tuple[HttpConnectionManager, ScopedTables]] = {}

    def http_filters(self, manager: HttpConnectionManager, place: Location | None) -> HttpFilters:
        if id(manager) not in self._http_filters:
            at = place / "http_filters" if place else None
            self._http_filters[id(manager)] = (manager, HttpFilters(manager.http_filters, self._ecds, at))
        return self._http_filters[id(manager)][1]

    def upgrade_filters(
        self, manager: HttpConnectionManager, entry: UpgradeConfig, place: Location | None
    ) -> HttpFilters:
        """The filters of one of its `upgrade_configs`."""
        if id(entry) not in self._upgrade_filters:
            at = place.below(("upgrade_configs", manager.upgrade_configs.index(entry), "filters")) if place else None
            self._upgrade_filters[id(entry)] = (entry, HttpFilters(entry.filters, self._ecds, at))
        return self._upgrade_filters[id(entry)][1]

    def reply_mappers(self, manager: HttpConnectionManager) -> ReplyMappers | None:
        """None where the connection manager leaves its own answers as they are."""
        if not present(manager.local_reply_config):
            return None
        if id(manager) not in self._reply_mappers:
            from meshscope.simulation.proxy.reply_mappers import ReplyMappers  # few have any

            self._reply_mappers[id(manager)] = (manager, ReplyMappers(manager.local_reply_config))
        return self._reply_mappers[id(manager)][1]

    def scoped_tables(self, manager: HttpConnectionManager, place: Location | None) -> ScopedTables | None:
        """None where a connection manager has one route configuration."""
        if manager.scoped_routes is None:
            return None
        if id(manager) not in self._scoped:
            from meshscope.simulation.proxy.scoped_tables import ScopedTables  # few have any

            tables = ScopedTables(manager, place, self._captured, self._envoy, self.table)
            self._scoped[id(manager)] = (manager, tables)
        return self._scoped[id(manager)][1]

    def route_table(self, manager: HttpConnectionManager, place: Location | None) -> tuple[str, CompiledTable | None]:
        """The name and the table of a connection manager: by RDS, or inline; None where it is not there."""
        if manager.rds is not None:
            return manager.rds.route_config_name, self.table(manager.rds.route_config_name)
        if id(manager) in self._inline:
            table = self._inline[id(manager)][1]
            return table.name, table
        if not present(manager.route_config):
            return "", None
        name = name_of(manager.route_config)
        return name, self._inline_table(name, manager, place)

    def _inline_table(self, name: str, manager: HttpConnectionManager, place: Location | None) -> CompiledTable:
        if id(manager) not in self._inline:
            at = place / "route_config" if place else Location(Document.of(name, b""))
            table = RouteTable(name, "active", manager.route_config, at)
            self._inline[id(manager)] = (manager, CompiledTable(table, self._envoy))
        return self._inline[id(manager)][1]

    def table(self, name: str) -> CompiledTable | None:
        """A route configuration by name, as RDS delivers it; of several with one name the first."""
        if name not in self._tables:
            table = self._by_name.get(name)
            self._tables[name] = CompiledTable(table, self._envoy) if table else None
        return self._tables[name]

    @cached_property
    def _by_name(self) -> dict[str, RouteTable]:
        return {table.name: table for table in reversed(self._captured.route_tables())}

    @cached_property
    def _ecds(self) -> dict[str, Extension]:
        """Filter configurations delivered by ECDS, by name."""
        bodies = (
            (resource.name, self._captured.read(resource, Extension)) for resource in self._captured.resources(ECDS)
        )
        return {name: body for name, body in bodies if isinstance(body, Extension)}
