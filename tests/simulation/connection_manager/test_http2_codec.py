from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.connection_manager.http2_codec import decoded_request, is_plain_connect, refusal
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking, read

names = st.sampled_from(("host", "connection", "te", "content-length", "X-Y", "x-y", ":protocol", "upgrade"))
values = st.one_of(st.sampled_from(("trailers", "websocket", "3", "close", "bytestream", "h")), st.text(max_size=3))
requests = st.builds(
    lambda path, headers, method, authority: asking(
        path, *headers, method=method, authority=authority, protocol="http2"
    ),
    st.one_of(st.sampled_from(("/", "*", "/a?b", "x")), st.text(max_size=3)),
    st.lists(st.tuples(names, values), max_size=3),
    st.sampled_from(("GET", "OPTIONS", "CONNECT", "a b")),
    st.sampled_from(("h", "u@h", "", None)),
)
managers = st.sampled_from(
    [
        read(HttpConnectionManager, config)
        for config in (
            {},
            {"http2_protocol_options": {"allow_connect": True}},
            {"common_http_protocol_options": {"max_headers_count": 5}},
        )
    ]
)


@given(managers, requests)
def test_every_stream_is_reset_with_a_reason_or_decoded_with_an_authority(
    manager: HttpConnectionManager, request: HttpRequest
) -> None:
    fault = refusal(manager, request)
    if fault is not None:
        assert fault.because
        assert fault.end.response is not None
        assert fault.end.response.code == 0
        return
    decoded = decoded_request(request)
    assert decoded.authority is not None
    assert "host" not in {name for name, _ in decoded.headers}
    assert (decoded.path == "") == is_plain_connect(request)
    assert decoded_request(decoded) == decoded


def test_pseudo_headers_count_as_headers() -> None:
    for count, fits in ((4, True), (3, False)):
        manager = read(HttpConnectionManager, {"common_http_protocol_options": {"max_headers_count": count}})
        assert (refusal(manager, asking("/", protocol="http2")) is None) is fits
    plain_connect = asking("/", method="CONNECT", authority="h:1", protocol="http2")
    manager = read(HttpConnectionManager, {"common_http_protocol_options": {"max_headers_count": 2}})
    assert refusal(manager, plain_connect) is None
