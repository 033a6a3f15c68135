"""`envoy.filters.http.grpc_http1_bridge`: `application/x-protobuf` may become gRPC; then the route is chosen again.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_http1_bridge_filter
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    passes,
    rerouted,
)
from meshscope.simulation.local_reply import is_grpc
from meshscope.xds.grpc_bridges import Http1Bridge


def _filter(entry: FilterEntry, config: Http1Bridge) -> Filter:
    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        upgrades = config.upgrade_protobuf_to_grpc and request.values("content-type") == ("application/x-protobuf",)
        if upgrades:
            headers = tuple(pair for pair in request.headers if pair[0] != "content-length")
            request = replace(request, headers=set_header(headers, "content-type", "application/grpc"))
        if config.ignore_query_parameters and is_grpc(request):
            request = replace(request, path=request.path.partition("?")[0])
        outcomes = passes(request, context, entry, "becomes gRPC" if upgrades else "stays as it is")
        return rerouted(outcomes) if upgrades else outcomes

    return run


make = by_most_specific(Http1Bridge, "a bridge to gRPC", _filter)
