"""A request that the fault filter held back: the access log shows the flag DI, whatever becomes of it afterwards.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.trace import Response

METADATA = "envoy.filters.http.fault"
FLAG = "DI"


def delay_of(request: HttpRequest) -> str | None:
    """How long it was held back."""
    delay = request.metadata.get(METADATA, {}).get("delay")
    return delay if isinstance(delay, str) else None


def flagged(response: Response, request: HttpRequest) -> Response:
    """The response with that flag, before those that came later, if the request was held back."""
    if METADATA not in request.metadata or delay_of(request) is None:
        return response
    later = [flag for flag in response.flags.split(",") if flag not in ("-", FLAG)]
    return replace(response, flags=",".join((FLAG, *later)))


def after_delay(end: End, request: HttpRequest) -> End:
    """The same of an end."""
    return End(end.disposition, flagged(end.response, request)) if end.response else end
