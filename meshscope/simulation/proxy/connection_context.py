"""A connection at a proxy: what each stage on the way to the upstream needs to know of it."""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import Connection
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy


class ConnectionContext(Struct, frozen=True):
    """`random` is Envoy's random value, None where it is not given; `explain` False leaves out steps. `at` is the time
    (RFC 3339), "" where it is unknown.

    Only of TraceOptions what a connection depends on: its ways are worked out once for all requests on it.
    """

    proxy: CompiledProxy
    connection: Connection
    random: int | None = None
    explain: bool = True
    at: str = ""
