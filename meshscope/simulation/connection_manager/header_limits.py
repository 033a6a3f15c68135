"""The limits on the number and the size of a request's headers, and the rule for names with underscores.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-httpprotocoloptions
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.runtime_fraction import runtime_value
from meshscope.xds.http_connection_manager import HttpConnectionManager

_MAX_HEADERS_COUNT, _MAX_HEADERS_KB = 100, 60


def header_limits(manager: HttpConnectionManager, envoy: Envoy) -> tuple[int, int]:
    """The most headers and the most bytes; runtime decides where the configuration sets no limit."""
    count = manager.common_http_protocol_options.max_headers_count
    size = manager.max_request_headers_kb
    if count is None:
        count = _runtime_number(envoy, "max_request_headers_count", _MAX_HEADERS_COUNT)
    if size is None:
        size = _runtime_number(envoy, "max_request_headers_size_kb", _MAX_HEADERS_KB)
    return count, size * 1024


def forbidden_underscore(manager: HttpConnectionManager, request: HttpRequest) -> str | None:
    """REJECT_REQUEST: the first header whose name has an underscore."""
    if manager.common_http_protocol_options.headers_with_underscores_action.upper() != "REJECT_REQUEST":
        return None
    return next((name for name, _ in request.headers if "_" in name), None)


def without_underscores(manager: HttpConnectionManager, request: HttpRequest) -> HttpRequest:
    """DROP_HEADER: the request without headers whose names have an underscore."""
    if manager.common_http_protocol_options.headers_with_underscores_action.upper() != "DROP_HEADER":
        return request
    return replace(request, headers=tuple(header for header in request.headers if "_" not in header[0]))


def _runtime_number(envoy: Envoy, name: str, default: int) -> int:
    value = runtime_value(envoy.runtime, f"envoy.reloadable_features.{name}")
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() else default
