"""`envoy.filters.http.connect_grpc_bridge`: requests of the Connect protocol become gRPC for the filters after it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/connect_grpc_bridge_filter
"""

from __future__ import annotations

import re

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
)
from meshscope.simulation.matching.query import query_parameters
from meshscope.simulation.request import Headers
from meshscope.xds.grpc_bridges import ConnectBridge

_STREAMING = "application/connect+"
_UNARY = "application/"
_ENCODINGS = {"": (("content-encoding", "grpc-encoding"), ("accept-encoding", "grpc-accept-encoding")),
              "connect-": (("connect-content-encoding", "grpc-encoding"),
                           ("connect-accept-encoding", "grpc-accept-encoding"))}  # fmt: skip


def _filter(entry: FilterEntry, _config: ConnectBridge) -> Filter:
    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        kind = ",".join(request.values("content-type"))
        if kind.startswith(_STREAMING):
            changed = _as_grpc(request, kind.removeprefix(_STREAMING), "connect-")
        elif kind.startswith(_UNARY) and request.values("connect-protocol-version"):
            changed = replace(_as_grpc(request, kind.removeprefix(_UNARY), ""), body="yes")
        elif request.method == "GET" and query_parameters(request.path).get("connect") == "v1":
            changed = _of_get(request)
        else:
            return passes(request, context, entry, "not of the Connect protocol")
        return passes(changed, context, entry, "the Connect request becomes gRPC")

    return run


def _as_grpc(request: HttpRequest, kind: str, prefix: str) -> HttpRequest:
    dropped = ("content-length", "connect-protocol-version")
    headers: Headers = tuple(pair for pair in request.headers if pair[0] not in dropped)
    headers = set_header(headers, "content-type", f"application/grpc+{kind}")
    headers = set_header(headers, "te", "trailers")
    timeout = ",".join(request.values("connect-timeout-ms"))
    if re.fullmatch("[0-9]+", timeout):
        headers = set_header(_without(headers, "connect-timeout-ms"), "grpc-timeout", f"{int(timeout)}m")
    for old, new in _ENCODINGS[prefix]:
        if values := request.values(old):
            headers = set_header(_without(headers, old), new, ",".join(values))
    return replace(request, headers=headers)


def _of_get(request: HttpRequest) -> HttpRequest:
    parameters = query_parameters(request.path)
    kind = f"application/grpc+{parameters.get('encoding', '')}"
    headers = set_header(set_header(request.headers, "content-type", kind), "te", "trailers")
    headers = set_header(headers, "grpc-encoding", parameters.get("compression", "identity"))
    return replace(request, method="POST", path=request.path.partition("?")[0], headers=headers, body="yes")


def _without(headers: Headers, name: str) -> Headers:
    return tuple(pair for pair in headers if pair[0] != name)


make = by_most_specific(ConnectBridge, "a bridge from Connect", _filter)
