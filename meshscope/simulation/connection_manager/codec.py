"""Which HTTP codec a connection manager reads a connection with, and what comes of bytes that it cannot read.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
"""

from __future__ import annotations

from meshscope.simulation.connection import Connection, Session
from meshscope.simulation.endings import NOT_HTTP1, NOT_HTTP2
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.http_connection_manager import HttpConnectionManager


def codec(
    manager: HttpConnectionManager,
    client: Connection,
    session: Session,
    stage: StageContext = PLAIN,
) -> Outcome[str]:
    """`codec_type`: `http1`, `http2` or `http3`; an End where the client speaks something else.

    AUTO: ALPN `h2` is HTTP/2, any other ALPN HTTP/1; without ALPN HTTP/2's preface tells.
    """
    chosen, because = _chosen(manager, client, session)
    spoken = _spoken(client, session)
    if spoken == chosen:
        step = Step(kind=StepKind.CODEC, chosen=chosen, because=because, location=stage.location)
        return Outcome(chosen, steps=(step,) if stage.explain else ())
    words = f"{because}; the client speaks {'TLS' if spoken == 'tls' else spoken}"
    step = Step(kind=StepKind.CODEC, chosen=chosen, verdict=Truth.NO, because=words, location=stage.location)
    end = NOT_HTTP2 if chosen == "http2" else NOT_HTTP1
    return Outcome(end, steps=(step,) if stage.explain else ())


def _chosen(manager: HttpConnectionManager, client: Connection, session: Session) -> tuple[str, str]:
    forced = {"HTTP1": "http1", "HTTP2": "http2", "HTTP3": "http3"}.get(manager.codec_type.upper())
    if forced:
        return forced, f"codec_type {manager.codec_type.upper()}"
    if client.transport_protocol == "quic":
        return "http3", "QUIC"
    if session.alpn:
        return ("http2" if session.alpn == "h2" else "http1"), f"ALPN {session.alpn}"
    if _spoken(client, session) == "http2":
        return "http2", "HTTP/2 preface"
    return "http1", "no ALPN, no HTTP/2 preface"


def _spoken(client: Connection, session: Session) -> str:
    """What the codec gets: an HTTP client speaks what ALPN settled; TLS that nobody ended stays TLS."""
    if client.tls and not session.tls and client.transport_protocol != "quic":
        return "tls"
    if session.alpn and client.application_protocol.startswith("http"):
        return {"h2": "http2", "h3": "http3"}.get(session.alpn, "http1")
    return {"http1.0": "http1"}.get(client.application_protocol, client.application_protocol)
