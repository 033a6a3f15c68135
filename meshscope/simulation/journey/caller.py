"""What a proxy logs, and its client gets, where the next proxy of the path decides.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#config-access-log-format-response-flags
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.trace import Caller, Hop, Response

_BEFORE_RESPONSE = "upstream_reset_before_response_started{%s}"
CONNECTION_FAILURE = _BEFORE_RESPONSE % "remote_connection_failure"
TLS_FAILURE = _BEFORE_RESPONSE % "remote_connection_failure|TLS_error:…"
"""What Envoy's TLS library says of it depends on its version."""
TERMINATION = _BEFORE_RESPONSE % "connection_termination"
PROTOCOL_ERROR = _BEFORE_RESPONSE % "protocol_error"
_ON_CONNECTION = frozenset(("connect-failure", "5xx", "gateway-error", "reset", "reset-before-request"))
_ON_RESET = frozenset(("5xx", "gateway-error", "reset"))
_RETRIED = {"5xx": range(500, 600), "gateway-error": range(502, 505), "retriable-4xx": range(409, 410)}


def caller_of(hops: tuple[Hop, ...], end: End | None) -> Caller | None:
    """None where the first proxy decides, or what it would log is not known."""
    if len(hops) < 2 or end is None or end.response is None:
        return None
    seen: Response | None = end.response
    for hop, next_ in zip(hops[-2::-1], hops[:0:-1], strict=True):
        seen = seen_from(hop, next_, replace(end, response=seen)) if seen else None
        end = replace(end, in_handshake=False)
    return Caller(code=seen.code, flags=seen.flags, details=seen.details, proxy=hops[0].proxy) if seen else None


def seen_from(hop: Hop, next_: Hop | None, end: End) -> Response | None:
    """What `hop` logs where the proxy after it decided, `end` as that one logs it. `next_` None: it is no hop yet."""
    is_http = hop.request_headers is not None
    if end.in_handshake:
        return not_connected(hop, TLS_FAILURE if end.response and end.response.code else CONNECTION_FAILURE)
    if end.response and end.response.code:
        return _passed_on(hop, end.response) if is_http else None
    secured = hop.tls is not None and hop.tls.mode != "DISABLE"
    if end.disposition is Disposition.TLS_MISMATCH and secured and not end.connected:
        return not_connected(hop, TLS_FAILURE)
    if end.disposition is Disposition.NO_LISTENER or (next_ is not None and next_.filter_chain is None and secured):
        return not_connected(hop, CONNECTION_FAILURE)
    if not is_http:  # whether it is closed or reset depends on what was not read yet
        return None
    return _flagged(hop, _ON_RESET, Response(code=503, flags="UC", details=TERMINATION))


def _passed_on(hop: Hop, response: Response) -> Response | None:
    """A response of the next proxy; a client that speaks HTTP/2 cannot read the 400 of one that speaks HTTP/1."""
    if response.details == "http1.codec_error":
        return _flagged(hop, _ON_RESET, Response(code=502, flags="UPE", details=PROTOCOL_ERROR))
    words = _words(hop)
    if "retriable-headers" in words:
        return None
    retried = any(response.code in codes for word, codes in _RETRIED.items() if word in words) or (
        "retriable-status-codes" in words and hop.retries is not None and response.code in hop.retries.status_codes
    )
    has_retries = hop.retries is not None and hop.retries.num_retries > 0
    return Response(code=response.code, flags="URX" if retried and has_retries else "-", details="via_upstream")


def not_connected(hop: Hop, details: str) -> Response:
    """What a proxy logs whose upstream cannot be reached."""
    if hop.request_headers is None:  # a TCP proxy tries `max_connect_attempts` times
        return Response(code=0, flags="UF,URX")
    return _flagged(hop, _ON_CONNECTION, Response(code=503, flags="UF", details=details))


def _flagged(hop: Hop, words: frozenset[str], response: Response) -> Response:
    """With URX where the retries are used up."""
    if not hop.retries or not hop.retries.num_retries or not words & _words(hop):
        return response
    return Response(code=response.code, flags=f"URX,{response.flags}", details=response.details)


def _words(hop: Hop) -> frozenset[str]:
    return frozenset(hop.retries.retry_on.split(",")) if hop.retries else frozenset()
