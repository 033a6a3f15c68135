"""The checks of the codec and the connection manager before the path is normalised, in their order.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_connection_management
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager import http1_codec
from meshscope.simulation.connection_manager.connect_udp import asks_for_udp, with_target
from meshscope.simulation.connection_manager.header_limits import without_underscores
from meshscope.simulation.connection_manager.refusal import Refusal, manager_refusal
from meshscope.simulation.headers.inline import joined_inline
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.trace import StepKind
from meshscope.xds.http_connection_manager import HttpConnectionManager

_HTTP_1_1 = ("http1", "http1.1", "http/1.1", "")
_HTTP_1 = (*_HTTP_1_1, "http1.0", "http/1.0")


def check_request(
    manager: HttpConnectionManager,
    request: HttpRequest,
    connection: Connection,
    stage: StageContext = PLAIN,
) -> Outcome[HttpRequest]:
    """The decoded request, before its path and host are normalised; or its refusal."""
    is_http1 = request.protocol in _HTTP_1 or request.protocol.startswith("http/")
    if is_http1:
        request = replace(request, headers=joined_inline(request.headers))
        refusal = http1_codec.refusal(manager, request, connection, stage.envoy)
        decoded_request = http1_codec.decoded_request(manager, request)
    else:
        from meshscope.simulation.connection_manager import http2_codec  # most clients speak HTTP/1

        refusal = http2_codec.refusal(manager, request, stage.envoy)
        request = replace(request, headers=joined_inline(request.headers))
        decoded_request = http2_codec.decoded_request(request)
    if refusal is not None:
        return refusal.outcome(StepKind.CODEC, stage)
    decoded_request = without_underscores(manager, decoded_request)
    options = manager.http_protocol_options
    is_http10 = is_http1 and request.protocol not in _HTTP_1_1
    if is_http10 and options.accept_http_10 and decoded_request.authority is None and options.default_host_for_http_10:
        decoded_request = replace(decoded_request, authority=options.default_host_for_http_10)
    refusal = _refusal(manager, decoded_request, is_http10=is_http10) or _query_refusal(decoded_request, stage)
    if refusal is not None:
        return refusal.outcome(StepKind.CONNECTION_MANAGER, stage)
    if asks_for_udp(decoded_request):
        tunnelled = with_target(decoded_request)
        if tunnelled is None:
            because = f":path {decoded_request.path} names no target of CONNECT-UDP: /.well-known/masque/udp/HOST/PORT/"
            refusal = manager_refusal(decoded_request, 404, "invalid_path", because)
            return refusal.outcome(StepKind.CONNECTION_MANAGER, stage)
        decoded_request = tunnelled
    return Outcome(decoded_request)


def _refusal(manager: HttpConnectionManager, request: HttpRequest, *, is_http10: bool) -> Refusal | None:
    if is_http10 and not manager.http_protocol_options.accept_http_10:
        because = f"{request.protocol}: every version but HTTP/1.1 counts as HTTP/1.0, and accept_http_10 is not set"
        return manager_refusal(request, 426, "low_version", because, "DPE")
    if request.authority is None:
        return manager_refusal(request, 400, "missing_host_header", "there is no Host header")
    if request.method == "CONNECT" and not request.path:
        return None
    if not request.path:
        return manager_refusal(request, 404, "missing_path_rejected", "there is no :path")
    if not request.path.startswith("/"):
        return manager_refusal(request, 404, "absolute_path_rejected", f":path {request.path} does not begin with /")
    return None


def _query_refusal(request: HttpRequest, stage: StageContext) -> Refusal | None:
    """https://www.rfc-editor.org/rfc/rfc10008: a query says what it is written in."""
    if request.method != "QUERY" or "".join(request.values("content-type")) or not stage.envoy.at_least(1, 40):
        return None
    return manager_refusal(request, 400, "query_missing_content_type", "QUERY without content-type")
