"""Whether a request is gRPC: `application/grpc` and `application/grpc+…`, nothing else (https://github.com/grpc/grpc).

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch-grpcroutematchoptions
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.route_match import GrpcRouteMatchOptions

_GRPC = "application/grpc"


def grpc_matches(options: GrpcRouteMatchOptions, request: HttpRequest) -> Verdict:
    content_type = next(iter(request.values("content-type")), "")
    if content_type != _GRPC and not content_type.startswith(f"{_GRPC}+"):
        return NO
    return unknown(f"grpc: {options.doubt}") if options.unread else YES


def grpc_because(request: HttpRequest) -> str:
    there = next((f"is {value!r}" for value in request.values("content-type")), "is absent")
    return f"content-type {there}; gRPC was asked"
