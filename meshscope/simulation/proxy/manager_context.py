"""A request at one connection manager: what does not change while its filters run and its route is chosen again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.connection import Connection
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.connection_context import ConnectionContext
from meshscope.simulation.route.table import CompiledTable
from meshscope.simulation.trace_options import TraceOptions
from meshscope.xds.http_connection_manager import HttpConnectionManager

if TYPE_CHECKING:
    from meshscope.simulation.proxy.scoped_tables import ScopedTables


class ManagerContext(Struct, frozen=True, kw_only=True):
    """`filters` and `manager` None: a route table alone. `terminates_tls`: this proxy ended the client's TLS. `place`: where
    the manager is written.

    `scoped`: the request's headers choose the table, each time that it is routed.
    """

    client: ConnectionContext
    options: TraceOptions
    table: CompiledTable | None
    table_name: str
    filters: HttpFilters | None = None
    manager: HttpConnectionManager | None = None
    terminates_tls: bool | None = None
    scoped: ScopedTables | None = None
    place: Location | None = None

    @property
    def proxy(self) -> CompiledProxy:
        return self.client.proxy

    @property
    def connection(self) -> Connection:
        return self.client.connection

    @property
    def explain(self) -> bool:
        return self.options.explain
