"""From the request that the codec read to the request that routing sees: checks, path and host, addresses and headers.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_connection_management
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.host_normalisation import host_normalised
from meshscope.simulation.connection_manager.ingress_headers import Ingress
from meshscope.simulation.connection_manager.path_normalisation import path_normalised
from meshscope.simulation.connection_manager.request_checks import checked
from meshscope.simulation.endings import End
from meshscope.simulation.headers.inline import held
from meshscope.simulation.outcome import Outcome, StageContext


class Preparation(Struct, frozen=True, kw_only=True):
    """A connection manager with what it was met on.

    `secured`: this proxy ended the client's TLS. `internal`: the user says whether Envoy would call the request so.
    """

    ingress: Ingress
    connection: Connection
    stage: StageContext
    secured: bool = False
    internal: bool | None = None

    def of(self, request: HttpRequest) -> Outcome[HttpRequest]:
        """The request as route matching sees it, or how the connection manager refuses it."""
        manager, stage = self.ingress.manager, self.stage
        first = checked(manager, replace(request, headers=held(request.headers)), self.connection, stage)
        if isinstance(first.value, End):
            return first
        path = path_normalised(manager, first.value, stage)
        if isinstance(path.value, End):
            return path
        named = host_normalised(manager, path.value, self.connection)
        ready = self.ingress.headers(self.connection, named, stage.envoy, secured=self.secured)
        if self.internal is None or isinstance(ready.value, End):
            return ready
        return Outcome(replace(ready.value, internal=self.internal), assuming=ready.assuming)
