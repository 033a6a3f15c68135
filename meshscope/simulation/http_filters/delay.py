"""Requests that the fault filter delayed: the access log shows the flag DI, however they end afterwards.

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
    """The length of the delay (`0.5s`); None without a delay."""
    delay = request.metadata.get(METADATA, {}).get("delay")
    return delay if isinstance(delay, str) else None


def with_delay_flag(response: Response, request: HttpRequest) -> Response:
    """The response with the flag DI before its other flags, if the request was delayed."""
    if METADATA not in request.metadata or delay_of(request) is None:
        return response
    later = [flag for flag in response.flags.split(",") if flag not in ("-", FLAG)]
    return replace(response, flags=",".join((FLAG, *later)))


def after_delay(end: End, request: HttpRequest) -> End:
    """The end with the flag DI in its response, if the request was delayed."""
    return End(end.disposition, with_delay_flag(end.response, request)) if end.response else end
