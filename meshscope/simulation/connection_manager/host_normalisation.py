"""The host before routing: `strip_trailing_host_dot`, then `strip_any_host_port` or `strip_matching_host_port`.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
Virtual hosts, header matchers, redirects and the upstream see the result.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.xds.http_connection_manager import HttpConnectionManager

_NUMBER = r"\+?[0-9]{1,10}"


def normalise_host(manager: HttpConnectionManager, request: HttpRequest, connection: Connection) -> HttpRequest:
    """The matching port is the connection's local port, after any restoring of the original destination."""
    host = request.authority
    if not host:
        return request
    if manager.strip_trailing_host_dot:
        host = without_trailing_dot(host)
    if manager.strip_any_host_port:
        host = without_port(host)
    elif manager.strip_matching_host_port:
        host = without_port(host, connection.destination_port) if connection.destination_port is not None else host
    return request if host == request.authority else replace(request, authority=host)


def without_trailing_dot(host: str) -> str:
    """The host without one dot at its end or right before its port."""
    dot = host.rfind(".")
    if dot < 0:
        return host
    if dot == len(host) - 1:
        return host[:-1]
    return host[:dot] + host[dot + 1 :] if host[dot + 1] == ":" else host


def without_port(host: str, only: int | None = None) -> str:
    """The host without its numeric port; with `only`, without that port alone. An IPv6 address needs brackets."""
    colon = host.rfind(":")
    if colon < 0 or host.rfind("]") > colon or not re.fullmatch(_NUMBER, host[colon + 1 :]):
        return host
    return host[:colon] if only is None or int(host[colon + 1 :]) == only else host
