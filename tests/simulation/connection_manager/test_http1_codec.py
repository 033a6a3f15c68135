from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.http1_codec import decoded_request, refusal
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking, read

PLAIN = Connection()
names = st.sampled_from(
    ("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "x-y", "a b", "x_y", "a")
)
values = st.one_of(
    st.sampled_from(("close", "x-y, te", "host", "upgrade", "3", "chunked", "trailers", " v ")), st.text(max_size=4)
)
paths = st.one_of(
    st.sampled_from(("/", "/a?b", "*", "h:1", "http://o.example/x", "HTTPS://o.example?x", "ftp://o/")),
    st.text(max_size=6),
)
requests = st.builds(
    lambda path, headers, method, authority: asking(path, *headers, method=method, authority=authority),
    paths,
    st.lists(st.tuples(names, values), max_size=4),
    st.sampled_from(("GET", "OPTIONS", "CONNECT", "FOO")),
    st.sampled_from(("shop.example", "h:1", "", "a b", None)),
)
managers = st.sampled_from(
    [
        read(HttpConnectionManager, config)
        for config in (
            {},
            {"http_protocol_options": {"allow_absolute_url": False, "allow_custom_methods": True}},
            {"http_protocol_options": {"allow_chunked_length": True}, "use_remote_address": True},
            {"common_http_protocol_options": {"headers_with_underscores_action": "REJECT_REQUEST"}},
        )
    ]
)


@given(managers, requests)
def test_every_request_is_refused_with_a_reason_or_decoded_for_good(
    manager: HttpConnectionManager, request: HttpRequest
) -> None:
    fault = refusal(manager, request, PLAIN)
    if fault is not None:
        assert fault.because
        assert fault.end.response is not None
        assert fault.end.response.code >= 400
        return
    decoded = decoded_request(manager, request)
    assert "host" not in {name for name, _ in decoded.headers}
    assert all(value == value.strip(" \t") for _, value in decoded.headers)
    assert decoded_request(manager, decoded).headers == decoded.headers


@given(st.integers(0, 1100), st.integers(0, 3))
def test_the_head_is_measured_as_on_the_wire(length: int, headers: int) -> None:
    manager = HttpConnectionManager(max_request_headers_kb=1)
    request = asking("/" + "p" * length, *(("x-y", "é") for _ in range(headers)), authority="h")
    lines = "x-y: é\r\n" * headers
    head = f"GET {request.path} HTTP/1.1\r\nhost: h\r\n{lines}\r\n"
    fault = refusal(manager, request, PLAIN)
    assert (fault is not None) == (len(head.encode()) > 1024)


def target(path: str, **options: Any) -> tuple[str | None, str, str]:
    manager = read(HttpConnectionManager, {"http_protocol_options": options})
    decoded = decoded_request(manager, asking(path, authority="h"))
    return decoded.authority, decoded.path, decoded.scheme


def test_an_absolute_target_counts_only_where_it_is_allowed() -> None:
    assert target("https://o.example/x?y") == ("o.example", "/x?y", "https")
    assert target("https://o.example/x?y", allow_absolute_url=False) == ("h", "https://o.example/x?y", "")
