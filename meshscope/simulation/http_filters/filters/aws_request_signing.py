"""`envoy.filters.http.aws_request_signing`: the request signed for Amazon, in headers or in the path.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/aws_request_signing_filter
Without credentials it is sent unsigned: whether the headers are there is as unknown as what they hold.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterEntry,
    assumed_to_pass,
    passes,
)
from meshscope.xds.header_writers import AwsRequestSigning, AwsRequestSigningPerRoute
from meshscope.xds.message import present

_HEADERS = frozenset({"authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"})
_IN_QUERY = frozenset({":path", "x-amz-content-sha256"})


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    message = (overrides[0] if overrides else own).message
    config = message.aws_request_signing if isinstance(message, AwsRequestSigningPerRoute) else message
    if not isinstance(config, AwsRequestSigning):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration is not one of request signing")
    names = _IN_QUERY if present(config.query_string) else _HEADERS
    host = config.host_rewrite

    def signed(request: HttpRequest) -> HttpRequest:
        return replace(request, authority=host or request.authority, hidden=request.hidden | names)

    because = f"it may sign the request: {', '.join(sorted(names))}" + (f"; the host becomes {host}" if host else "")
    return lambda request, context: passes(signed(request), context, entry, because)
