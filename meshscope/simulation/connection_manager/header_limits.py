"""How many headers a request may have, how large they may be, and what becomes of names with underscores.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-httpprotocoloptions
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.runtime_fraction import runtime_value
from meshscope.xds.http_connection_manager import HttpConnectionManager

_MOST_HEADERS, _LARGEST_KIB = 100, 60


def limits(manager: HttpConnectionManager, envoy: Envoy) -> tuple[int, int]:
    """The number of headers and their bytes; runtime stands in where the configuration is silent."""
    most = manager.common_http_protocol_options.max_headers_count
    size = manager.max_request_headers_kb
    if most is None:
        most = _whole(envoy, "max_request_headers_count", _MOST_HEADERS)
    if size is None:
        size = _whole(envoy, "max_request_headers_size_kb", _LARGEST_KIB)
    return most, size * 1024


def underscore(manager: HttpConnectionManager, request: HttpRequest) -> str | None:
    """The first header whose name has an underscore, where that is a reason to refuse."""
    if manager.common_http_protocol_options.headers_with_underscores_action.upper() != "REJECT_REQUEST":
        return None
    return next((name for name, _ in request.headers if "_" in name), None)


def without_underscores(manager: HttpConnectionManager, request: HttpRequest) -> HttpRequest:
    """DROP_HEADER: routing and the upstream never see such headers."""
    if manager.common_http_protocol_options.headers_with_underscores_action.upper() != "DROP_HEADER":
        return request
    return replace(request, headers=tuple(header for header in request.headers if "_" not in header[0]))


def _whole(envoy: Envoy, name: str, default: int) -> int:
    value = runtime_value(envoy.runtime, f"envoy.reloadable_features.{name}")
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() else default
