"""`envoy.filters.http.grpc_http1_reverse_bridge`: gRPC with a body becomes another content type, and the route is chosen again.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/grpc_http1_reverse_bridge_filter
Any answer that is not of this type, also one of Envoy's own, becomes `grpc_bridge_content_type_wrong`.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest, Later
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.body import body_length, has_body
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    passes,
    rerouted,
    under_condition,
)
from meshscope.simulation.local_reply import is_grpc
from meshscope.xds.grpc_bridges import ReverseBridge, ReverseBridgePerRoute

_DETAILS = "grpc_bridge_content_type_wrong"
_FRAME = 5
"""Bytes of the header of a gRPC message."""


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    per_route = overrides[0].message if overrides else None
    config = own.message
    if isinstance(per_route, ReverseBridgePerRoute) and per_route.disabled:
        return lambda request, context: passes(request, context, entry, "disabled on this route")
    if not isinstance(config, ReverseBridge):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    kind = config.content_type

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        body = has_body(request)
        if not is_grpc(request) or body is False:
            because = "no gRPC" if not is_grpc(request) else "no body"
            return passes(request, context, entry, f"stays as it is: {because}")
        bridged = rerouted(passes(_bridged(request), context, entry, f"becomes {kind}"))
        if body:
            return bridged
        plain = passes(request, context, entry, "stays as it is: no body")
        return under_condition(bridged[0], "it has a body"), under_condition(plain[0], "it has no body")

    def _bridged(request: HttpRequest) -> HttpRequest:
        headers = set_header(set_header(request.headers, "content-type", kind), "accept", kind)
        length = body_length(request)
        short = config.withhold_grpc_frames and length is not None and length < _FRAME
        if config.withhold_grpc_frames and length is not None and request.values("content-length"):
            headers = set_header(headers, "content-length", str(max(0, length - _FRAME)))
        ends = "the body is shorter than a frame's header" if short else f"the upstream's answer is not {kind}"
        later = Later(entry.name, 200, _DETAILS, ends, f"the upstream answers with {kind}", short, replaces=True)
        return replace(request, headers=headers, later=(*request.later, later))

    return run
