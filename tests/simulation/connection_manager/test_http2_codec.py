from __future__ import annotations

from collections.abc import Mapping

import pytest
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


FIELD, RULE, UNDERSCORE = (
    "http2.invalid.header.field",
    "http2.violation.of.messaging.rule",
    "http2.unexpected_underscore",
)
COUNT, SIZE = "http2.too_many_headers", "http2.header_list_size_too_large"
A, LONG = ("x-a", "1"), ("x-l", "v" * 1000)


def why(config: Mapping[str, object], request: HttpRequest) -> str:
    found = refusal(read(HttpConnectionManager, config), request)
    return found.end.response.details if found and found.end.response else ""


@pytest.mark.parametrize(
    ("header", "details"),
    [
        (("", "1"), FIELD), (("x a", "1"), FIELD), (("x@", "1"), FIELD), (("x^|~", "1"), ""),
        (("te", "Trailers"), ""), (("te", "trailers "), FIELD), (("te", ""), FIELD),
        (("content-length", "9223372036854775807"), ""), (("content-length", "9223372036854775808"), FIELD),
        (("content-length", "00000000000000000000005"), ""), (("content-length", "100000000000000000000005"), FIELD),
        (("content-length", ""), FIELD), (("host", "b"), ""), (("host", "u@b"), FIELD), (("host", ""), FIELD),
        (("x", "a\tb"), ""), (("x", "a\nb"), FIELD), (("upgrade", ""), FIELD), (("http2-settings", "x"), ""),
    ],
)  # fmt: skip
def test_a_field_is_allowed_or_not(header: tuple[str, str], details: str) -> None:
    assert why({}, asking("/", header, protocol="http2")) == details


@pytest.mark.parametrize(("scheme", "details"), [("HTTP", ""), ("a+.-1", ""), ("1a", FIELD), ("a b", FIELD)])
def test_a_scheme_begins_with_a_letter(scheme: str, details: str) -> None:
    assert why({}, asking("/", scheme=scheme, protocol="http2")) == details


@pytest.mark.parametrize(
    ("headers", "details"),
    [
        ((A, A), ""),
        ((A, A, A), COUNT),
        ((A, A, ("te", "x")), FIELD),
        ((A, A, A, ("te", "x")), COUNT),
        ((A, A, LONG), SIZE),
        ((A, A, A, LONG), COUNT),
        ((A, A, ("x_l", "v" * 1000)), UNDERSCORE),
        ((A, A, A, ("x_a", "1")), COUNT),
        ((("accept", "a"),) * 5, ""),
        ((("te", "trailers"),) * 5, ""),
        ((("host", "b"), ("host", "b")), FIELD),
        ((("content-length", "3"), ("content-length", "3")), FIELD),
    ],
)
def test_the_first_fault_counts_and_headers_that_are_joined_count_once(
    headers: tuple[tuple[str, str], ...], details: str
) -> None:
    limits = {"max_headers_count": 6, "headers_with_underscores_action": "REJECT_REQUEST"}
    config = {"max_request_headers_kb": 1, "common_http_protocol_options": limits}
    assert why(config, asking("/", *headers, protocol="http2")) == details


def test_a_dropped_header_counts_nothing_and_names_a_later_fault() -> None:
    config = {
        "common_http_protocol_options": {"max_headers_count": 5, "headers_with_underscores_action": "DROP_HEADER"}
    }
    assert not why(config, asking("/", *[("x_a", "1")] * 5, protocol="http2"))
    assert why(config, asking("/", ("x_a", "1"), ("te", "x"), protocol="http2")) == UNDERSCORE
    assert why(config, asking("/", ("te", "x"), ("x_a", "1"), protocol="http2")) == FIELD


@pytest.mark.parametrize(
    ("method", "path", "protocol", "allowed", "details"),
    [
        ("CONNECT", "/", "websocket", True, ""),
        ("CONNECT", "/", "websocket", False, FIELD),
        ("CONNECT", "/", "", True, FIELD),
        ("CONNECT", "a", "websocket", True, RULE),
        ("CONNECT", "*", "websocket", True, RULE),
        ("GET", "/", "websocket", True, RULE),
        ("GET", "/", "websocket", False, FIELD),
    ],
)
def test_protocol_belongs_to_an_extended_connect(
    method: str, path: str, protocol: str, allowed: bool, details: str
) -> None:
    request = asking(path, (":protocol", protocol), method=method, protocol="http2")
    assert why({"http2_protocol_options": {"allow_connect": allowed}}, request) == details


def test_cookies_become_one_header() -> None:
    headers = (("cookie", "a=1"), ("x-a", "1"), ("cookie", "b=2"))
    decoded = decoded_request(asking("/", *headers, protocol="http2"))
    assert decoded.headers == (("cookie", "a=1; b=2"), ("x-a", "1"))
