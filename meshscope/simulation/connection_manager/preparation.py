"""The request on its way from the codec to routing: checks, then path and host, then addresses and headers.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_connection_management
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.host_normalisation import normalise_host
from meshscope.simulation.connection_manager.ingress_headers import IngressHeaders
from meshscope.simulation.connection_manager.path_normalisation import normalise_path
from meshscope.simulation.connection_manager.request_checks import check_request
from meshscope.simulation.endings import End
from meshscope.simulation.outcome import Outcome, StageContext


class Preparation(Struct, frozen=True, kw_only=True):
    """A connection manager on one connection.

    `terminates_tls`: this proxy terminated the client's TLS. `internal` overrides whether the request is internal.
    """

    ingress: IngressHeaders
    connection: Connection
    stage: StageContext
    terminates_tls: bool = False
    internal: bool | None = None

    def of(self, request: HttpRequest) -> Outcome[HttpRequest]:
        """The request as route matching sees it, or the connection manager's refusal."""
        manager, stage = self.ingress.manager, self.stage
        outcome = check_request(manager, request, self.connection, stage)
        if isinstance(outcome.value, End):
            return outcome
        outcome = normalise_path(manager, outcome.value, stage)
        if isinstance(outcome.value, End):
            return outcome
        request = normalise_host(manager, outcome.value, self.connection)
        outcome = self.ingress.apply(self.connection, request, stage.envoy, terminates_tls=self.terminates_tls)
        if self.internal is None or isinstance(outcome.value, End):
            return outcome
        return Outcome(replace(outcome.value, internal=self.internal), assuming=outcome.assuming)
