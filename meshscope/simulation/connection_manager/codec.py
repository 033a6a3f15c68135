"""The HTTP codec that a connection manager selects for a connection, and the end of a client that speaks another protocol.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Session
from meshscope.simulation.endings import NO_TLS, NOT_HTTP1, NOT_HTTP2
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.tls.versions import is_any
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.http_connection_manager import HttpConnectionManager


def codec(
    manager: HttpConnectionManager,
    client: Connection,
    session: Session,
    stage: StageContext = PLAIN,
) -> Outcome[str]:
    """`http1`, `http2` or `http3`; an End where the client speaks another protocol.

    `codec_type` AUTO: ALPN `h2` means HTTP/2, any other ALPN HTTP/1; without ALPN, HTTP/2's preface decides.
    """
    name, because = _select(manager, client, session)
    client_protocol = _client_protocol(client, session)
    if client_protocol == name:
        step = Step(kind=StepKind.CODEC, chosen=name, because=because, location=stage.location)
        return Outcome(name, steps=(step,) if stage.explain else ())
    is_tls = client_protocol == "tls"
    is_silent = is_tls and not is_any(client.tls_versions)
    spoken = "no version of TLS that it offers" if is_silent else "TLS" if is_tls else client_protocol
    because = f"{because}; the client speaks {spoken}"
    step = Step(kind=StepKind.CODEC, chosen=name, verdict=Truth.NO, because=because, location=stage.location)
    end = NO_TLS if is_silent else replace(NOT_HTTP2 if name == "http2" else NOT_HTTP1, in_handshake=is_tls)
    return Outcome(end, steps=(step,) if stage.explain else ())


def _select(manager: HttpConnectionManager, client: Connection, session: Session) -> tuple[str, str]:
    """The codec and the reason for it."""
    by_type = {"HTTP1": "http1", "HTTP2": "http2", "HTTP3": "http3"}.get(manager.codec_type.upper())
    if by_type:
        return by_type, f"codec_type {manager.codec_type.upper()}"
    if client.transport_protocol == "quic":
        return "http3", "QUIC"
    if session.alpn:
        return ("http2" if session.alpn == "h2" else "http1"), f"ALPN {session.alpn}"
    if _client_protocol(client, session) == "http2":
        return "http2", "HTTP/2 preface"
    return "http1", "no ALPN, no HTTP/2 preface"


def _client_protocol(client: Connection, session: Session) -> str:
    """The protocol that the codec receives: the negotiated one of an HTTP client; `tls` where no chain terminated TLS."""
    if client.tls and not session.tls and client.transport_protocol != "quic":
        return "tls"
    if session.alpn and client.follows_alpn and client.application_protocol.startswith("http"):
        return {"h2": "http2", "h3": "http3"}.get(session.alpn, "http1")
    return {"http1.0": "http1"}.get(client.application_protocol, client.application_protocol)
