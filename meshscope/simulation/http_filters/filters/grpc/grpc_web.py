"""`envoy.filters.http.grpc_web`: gRPC-Web becomes gRPC for the filters after it; 400 for a text body that is not base64.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_web_filter
The body is read once the request is on its way: every other filter has answered before.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest, Later
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.body import has_body
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    passes,
)
from meshscope.xds.grpc_bridges import GrpcWeb

_TEXT = frozenset({"application/grpc-web-text", "application/grpc-web-text+proto"})
_BINARY = frozenset({"application/grpc-web", "application/grpc-web+proto"})
_SET = (("content-type", "application/grpc"), ("te", "trailers"), ("grpc-accept-encoding", "identity"))


def _filter(entry: FilterEntry, _config: GrpcWeb) -> Filter:
    faults = tuple(
        Later(entry.name, 400, details, ends, "its body is base64, or there is none")
        for details, ends in (
            ("grpc_base_64_decode_failed", "its body is not base64"),
            ("grpc_base_64_decode_failed_bad_size", "the base64 of its body is cut off"),
        )
    )

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        kind = ",".join(request.values("content-type"))
        if kind not in _TEXT and kind not in _BINARY:
            return passes(request, context, entry, f"content-type is {kind or 'absent'}: not gRPC-Web")
        headers = tuple(pair for pair in request.headers if pair[0] != "content-length")
        for name, value in _SET:
            headers = set_header(headers, name, value)
        later = faults if kind in _TEXT and has_body(request) is not False else ()
        changed = replace(request, headers=headers, later=request.later + later)
        return passes(changed, context, entry, f"{kind} becomes application/grpc")

    return run


make = by_most_specific(GrpcWeb, "a gRPC-Web filter", _filter)
