"""The route configurations of a connection manager with scoped routes: inline ones, or those that SRDS and RDS delivered.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/scoped_route_discovery
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Raw, Struct

from meshscope.envoy.dump_builder import name_of
from meshscope.envoy.resource import ROUTES, SCOPED_ROUTES
from meshscope.location import Document, Location
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.route_table import RouteTable
from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.proxy.missing import assumed_missing
from meshscope.simulation.route.scopes import Scope, Scopes
from meshscope.simulation.route.table import CompiledTable
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.http_connection_manager import HttpConnectionManager, ScopedRoutes
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.scoped_routes import ScopedRouteConfiguration, ScopeKeyBuilder

ON_DEMAND = "envoy.extensions.filters.http.on_demand.v3.OnDemand"


class ScopedTable(Struct, frozen=True):
    """What a request gets. `table` None: no scope has its key, or the scope's table is not there; `assuming` what of that is
    not certain. `is_unknown`: not even the key is known.
    """

    name: str
    table: CompiledTable | None
    step: Step
    assuming: tuple[str, ...] = ()
    is_unknown: bool = False


class ScopedTables:
    """`table_named` gives the proxy's route configurations; `place` is the connection manager's."""

    def __init__(
        self,
        manager: HttpConnectionManager,
        place: Location | None,
        captured: Proxy,
        envoy: Envoy,
        table_named: Callable[[str], CompiledTable | None],
    ) -> None:
        self._config = manager.scoped_routes or ScopedRoutes()
        self._place = (place or Location(Document.of(self._config.name, b""))) / "scoped_routes"
        self._captured, self._envoy, self._table_named = captured, envoy, table_named
        self._fetches = any(each.type_name == ON_DEMAND for each in manager.http_filters)
        self._inline: dict[str, CompiledTable] = {}
        self._unread: list[str] = []
        raw = self._config.scope_key_builder
        self._builder = decode(raw if present(raw) else Raw(b"{}"), ScopeKeyBuilder)
        builder = self._builder if isinstance(self._builder, ScopeKeyBuilder) else ScopeKeyBuilder()
        self._scopes = Scopes(builder, self._read())

    def of(self, request: HttpRequest) -> ScopedTable:
        if isinstance(self._builder, Undecodable):
            because = f"the scope key builder of {self._config.name} does not read: {self._builder.why}"
            return ScopedTable("", None, _step("", Truth.UNKNOWN, because, self._place), (because,), is_unknown=True)
        scope, key = self._scopes.find(request)
        if scope is None or (scope.config.on_demand and not self._fetches):
            return self._no_scope(key, scope)
        name, table = self._table(scope)
        if table is not None:
            return ScopedTable(name, table, _step(name, Truth.YES, f"{key}: scope {scope.config.name}", scope.location))
        because = f"{key}: scope {scope.config.name}, whose route configuration {name!r} is not in this input"
        assuming = assumed_missing(self._captured, ROUTES, because)
        if scope.config.on_demand and not assuming:
            assuming = (f"route configuration {name} is not delivered on demand",)
        return ScopedTable(name, None, _missing(name, because, assuming, scope.location), assuming)

    def _no_scope(self, key: str, scope: Scope | None) -> ScopedTable:
        """A key that cannot be built has no scope, whatever was captured."""
        because = f"no scope of {self._config.name} has it: {key}"
        if scope is not None:
            because = f"{key}: scope {scope.config.name} is on_demand, and no on_demand filter asks for it"
        elif not key.startswith("scope key"):
            return ScopedTable("", None, _missing("", key, (), self._place))
        assuming = tuple(f"a scope of {self._config.name} has another key: {why}" for why in self._unread)
        if self._config.scoped_rds is not None and scope is None:
            assuming += assumed_missing(self._captured, SCOPED_ROUTES, because)
        return ScopedTable("", None, _missing("", because, assuming, self._place), assuming)

    def _table(self, scope: Scope) -> tuple[str, CompiledTable | None]:
        config = scope.config
        if config.route_configuration_name:
            return config.route_configuration_name, self._table_named(config.route_configuration_name)
        name = name_of(config.route_configuration) if present(config.route_configuration) else ""
        if config.name not in self._inline and present(config.route_configuration):
            table = RouteTable(name, "active", config.route_configuration, scope.location / "route_configuration")
            self._inline[config.name] = CompiledTable(table, self._envoy)
        return name, self._inline.get(config.name)

    def _read(self) -> Iterator[Scope]:
        """In their order; those that do not read are kept in words."""
        listed = self._config.scoped_route_configurations_list
        if listed is not None:
            place = self._place / "scoped_route_configurations_list"
            for number, raw in enumerate(listed.scoped_route_configurations):
                at = place.below(("scoped_route_configurations", number))
                yield from self._scope(decode(raw, ScopedRouteConfiguration), at)
            return
        for resource in self._captured.resources(SCOPED_ROUTES):
            if resource.group in ("", self._config.name):
                yield from self._scope(self._captured.read(resource, ScopedRouteConfiguration), resource.location)

    def _scope(self, config: ScopedRouteConfiguration | Undecodable, at: Location) -> Iterator[Scope]:
        if isinstance(config, Undecodable):
            self._unread.append(config.why)
        else:
            yield Scope(config, at)


def _missing(name: str, because: str, assuming: tuple[str, ...], at: Location) -> Step:
    return _step(name, Truth.UNKNOWN if assuming else Truth.NO, because, at)


def _step(name: str, verdict: Truth, because: str, at: Location) -> Step:
    return Step(kind=StepKind.VIRTUAL_HOST, chosen=name, verdict=verdict, because=because, location=at)
