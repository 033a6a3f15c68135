from __future__ import annotations

import pytest

from meshscope.simulation.connection import Connection, Session
from meshscope.simulation.connection_manager.codec import codec
from meshscope.simulation.endings import End
from meshscope.xds.http_connection_manager import HttpConnectionManager

PLAIN, TLS = Session(), Session(tls=True)


@pytest.mark.parametrize(
    ("codec_type", "protocol", "session", "chosen"),
    [
        ("AUTO", "http1", PLAIN, "http1"),
        ("AUTO", "http1.0", PLAIN, "http1"),
        ("AUTO", "http2", PLAIN, "http2"),
        ("AUTO", "http2", TLS, "http2"),
        ("AUTO", "http2", Session(tls=True, alpn="h2"), "http2"),
        ("AUTO", "http1", Session(tls=True, alpn="http/1.1"), "http1"),
        ("AUTO", "http1", Session(tls=True, alpn="istio"), "http1"),
        ("AUTO", "http1", Session(tls=True, alpn="h2"), "http2"),
        ("AUTO", "http2", Session(tls=True, alpn="http/1.1"), "http1"),
        ("HTTP1", "http1", PLAIN, "http1"),
        ("HTTP2", "http2", PLAIN, "http2"),
    ],
)
def test_alpn_or_the_preface_chooses_the_codec(codec_type: str, protocol: str, session: Session, chosen: str) -> None:
    client = Connection(tls=session.tls, application_protocol=protocol)
    assert codec(HttpConnectionManager(codec_type=codec_type), client, session).value == chosen


@pytest.mark.parametrize(
    ("codec_type", "protocol", "session", "code", "details"),
    [
        ("HTTP1", "http2", PLAIN, 400, "http1.codec_error"),
        ("HTTP2", "http1", PLAIN, 0, ""),
        ("HTTP1", "http1", Session(tls=True, alpn="h2"), 400, "http1.codec_error"),
        ("AUTO", "tcp", Session(tls=True, alpn="h2"), 0, ""),
        ("AUTO", "tcp", PLAIN, 400, "http1.codec_error"),
    ],
)
def test_bytes_of_another_protocol_are_a_protocol_error(
    codec_type: str, protocol: str, session: Session, code: int, details: str
) -> None:
    client = Connection(tls=session.tls, application_protocol=protocol)
    end = codec(HttpConnectionManager(codec_type=codec_type), client, session).value
    assert isinstance(end, End)
    assert end.response is not None
    assert (end.disposition, end.response.code, end.response.flags, end.response.details) == (
        "protocol_error", code, "DPE", details,
    )  # fmt: skip


def test_tls_that_no_chain_terminated_is_not_http() -> None:
    outcome = codec(HttpConnectionManager(), Connection(tls=True), PLAIN)
    assert isinstance(outcome.value, End)
    assert outcome.steps[0].because == "no ALPN, no HTTP/2 preface; the client speaks TLS"


def test_quic_is_http3() -> None:
    client = Connection(tls=True, transport_protocol="quic", application_protocol="http3")
    assert codec(HttpConnectionManager(), client, Session(tls=True, alpn="h3")).value == "http3"
