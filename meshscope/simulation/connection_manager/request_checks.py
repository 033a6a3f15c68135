"""What codec and connection manager ask of a request before they look at its path, in their order.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_connection_management
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager import http1_codec as http1_codec_checks
from meshscope.simulation.connection_manager.header_limits import without_underscores
from meshscope.simulation.connection_manager.refusal import Refusal, by_manager
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.trace import StepKind
from meshscope.xds.http_connection_manager import HttpConnectionManager

_HTTP_1_1 = ("http1", "http1.1", "http/1.1", "")
_HTTP_1 = (*_HTTP_1_1, "http1.0", "http/1.0")


def checked(
    manager: HttpConnectionManager,
    request: HttpRequest,
    connection: Connection,
    stage: StageContext = PLAIN,
) -> Outcome[HttpRequest]:
    """The request as the codec hands it on, before paths and hosts are normalised; or how it is refused."""
    is_http1 = request.protocol in _HTTP_1 or request.protocol.startswith("http/")
    if is_http1:
        refusal = http1_codec_checks.refused(manager, request, connection, stage.envoy)
        arrived = http1_codec_checks.received(manager, request)
    else:
        from meshscope.simulation.connection_manager import (
            http2_codec as http2_codec_checks,  # most clients speak HTTP/1
        )

        refusal = http2_codec_checks.refused(manager, request, stage.envoy)
        arrived = http2_codec_checks.received(request)
    if refusal is not None:
        return refusal.outcome(StepKind.CODEC, stage)
    arrived = without_underscores(manager, arrived)
    options = manager.http_protocol_options
    is_old = is_http1 and request.protocol not in _HTTP_1_1
    if is_old and options.accept_http_10 and arrived.authority is None and options.default_host_for_http_10:
        arrived = replace(arrived, authority=options.default_host_for_http_10)
    refusal = _refused(manager, arrived, is_old=is_old)
    if refusal is not None:
        return refusal.outcome(StepKind.CONNECTION_MANAGER, stage)
    return Outcome(arrived)


def _refused(manager: HttpConnectionManager, request: HttpRequest, *, is_old: bool) -> Refusal | None:
    if is_old and not manager.http_protocol_options.accept_http_10:
        because = f"{request.protocol}: anything but HTTP/1.1 counts as HTTP/1.0, and accept_http_10 is not set"
        return by_manager(request, 426, "low_version", because, "DPE")
    if request.authority is None:
        return by_manager(request, 400, "missing_host_header", "there is no Host header")
    if request.method == "CONNECT" and not request.path:
        return None
    if not request.path:
        return by_manager(request, 404, "missing_path_rejected", "there is no :path")
    if not request.path.startswith("/"):
        return by_manager(request, 404, "absolute_path_rejected", f":path {request.path} does not begin with /")
    return None
