"""Each answer here is that of an Envoy 1.40."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.connection_manager.request_checks import check_request
from meshscope.simulation.endings import End
from meshscope.simulation.outcome import StageContext
from meshscope.xds.http_connection_manager import HttpConnectionManager

from ..reading import asking, read

PLAIN = Connection(destination_port=80)
CONNECT: dict[str, Any] = {"method": "CONNECT", "authority": "h:1"}


def manager(**fields: Any) -> HttpConnectionManager:
    return read(HttpConnectionManager, fields)


def http1(**options: Any) -> HttpConnectionManager:
    return manager(http_protocol_options=options)


def common(**options: Any) -> HttpConnectionManager:
    return manager(common_http_protocol_options=options)


def many(count: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"a{i}", "1") for i in range(count))


def answer(
    config: HttpConnectionManager, request: HttpRequest, connection: Connection = PLAIN
) -> tuple[int, str, str] | None:
    """Code, flags and details of a refusal; None where the request passes."""
    outcome = check_request(config, request, connection)
    if not isinstance(outcome.value, End):
        return None
    assert outcome.value.disposition == "protocol_error"
    assert outcome.steps[0].because
    assert outcome.value.response is not None
    return outcome.value.response.code, outcome.value.response.flags, outcome.value.response.details


def decoded(config: HttpConnectionManager, request: HttpRequest) -> HttpRequest:
    outcome = check_request(config, request, PLAIN)
    assert isinstance(outcome.value, HttpRequest), outcome
    return outcome.value


DEFAULT = manager()
REJECTS_UNDERSCORES = common(headers_with_underscores_action="REJECT_REQUEST")
EXTENDED_CONNECT = manager(http2_protocol_options={"allow_connect": True})
EDGE = manager(use_remote_address=True)
CODEC_ERROR, INVALID_URL = (400, "DPE", "http1.codec_error"), (400, "DPE", "http1.invalid_url")
AUTHORITY, CHARACTERS = (400, "DPE", "http.invalid_authority"), (400, "DPE", "http1.invalid_characters")
NOMINATED, LOW = (400, "DPE", "http1.connection_header_rejected"), (426, "DPE", "low_version")
TOO_MANY, TOO_LARGE = (431, "DPE", "http1.too_many_headers"), (431, "DPE", "http1.headers_too_large")
CHUNKED = (400, "DPE", "http1.content_length_and_chunked_not_allowed")
NOT_CHUNKED = (501, "DPE", "http1.invalid_transfer_encoding")
MISSING_HOST, NOT_RELATIVE = (400, "-", "missing_host_header"), (404, "-", "absolute_path_rejected")
HTTPS_IN_PLAIN = (403, "DPE", "http1.https_url_on_plaintext_connection")


@pytest.mark.parametrize(
    ("config", "request_", "expected"),
    [
        (DEFAULT, asking(method="FOO"), CODEC_ERROR),
        (DEFAULT, asking(method="get"), CODEC_ERROR),
        (DEFAULT, asking(method="M-SEARCH"), CODEC_ERROR),
        (DEFAULT, asking(method="PATCH"), None),
        (http1(allow_custom_methods=True), asking(method="FOO"), None),
        (http1(allow_custom_methods=True), asking(method="g@t"), CODEC_ERROR),
        (DEFAULT, asking(method="QUERY"), (400, "-", "query_missing_content_type")),
        (DEFAULT, asking("/", ("content-type", "a/b"), method="QUERY"), None),
        (DEFAULT, asking("/", ("content-type", ""), method="QUERY"), (400, "-", "query_missing_content_type")),
        (DEFAULT, asking("ftp://a/b"), (400, "DPE", "http1.invalid_scheme")),
        (DEFAULT, asking("ftp://"), INVALID_URL),
        (DEFAULT, asking("ftp:/a"), CODEC_ERROR),
        (DEFAULT, asking("abc"), CODEC_ERROR),
        (DEFAULT, asking("?a=b"), CODEC_ERROR),
        (DEFAULT, asking("/a b"), CODEC_ERROR),
        (DEFAULT, asking("/aé"), CODEC_ERROR),
        (DEFAULT, asking("/a\x01"), CHARACTERS),
        (DEFAULT, asking('/a|"<>'), None),
        (DEFAULT, asking("*"), INVALID_URL),
        (DEFAULT, asking("*", method="OPTIONS"), NOT_RELATIVE),
        (DEFAULT, asking(authority="a b"), AUTHORITY),
        (DEFAULT, asking(authority="a/b"), AUTHORITY),
        (DEFAULT, asking(authority='a"b'), AUTHORITY),
        (DEFAULT, asking(authority="u@h"), None),
        (DEFAULT, asking(authority="[::1]:80"), None),
        (DEFAULT, asking(authority=""), None),
        (DEFAULT, asking(authority=None), MISSING_HOST),
        (DEFAULT, asking("/", ("a b", "1")), CODEC_ERROR),
        (DEFAULT, asking("/", ("a", "x\x01")), CHARACTERS),
        (DEFAULT, asking("/", ("a", "x\ty")), None),
        (DEFAULT, asking("/", ("content-length", "3"), ("transfer-encoding", "chunked")), CHUNKED),
        (http1(allow_chunked_length=True), asking("/", ("content-length", "3"), ("transfer-encoding", "chunked")), None),
        (DEFAULT, asking("/", ("transfer-encoding", "chunked")), None),
        (DEFAULT, asking("/", ("transfer-encoding", "gzip")), NOT_CHUNKED),
        (DEFAULT, asking("/", ("content-length", "x")), CODEC_ERROR),
        (DEFAULT, asking("/", ("content-length", "3"), ("content-length", "4")), CODEC_ERROR),
        (DEFAULT, asking("/", ("content-length", "3"), ("content-length", "3")), CODEC_ERROR),
        (DEFAULT, asking("/", *many(99)), None),
        (DEFAULT, asking("/", *many(100)), TOO_MANY),
        (common(max_headers_count=5), asking("/", *many(4)), None),
        (common(max_headers_count=5), asking("/", *many(5)), TOO_MANY),
        (manager(max_request_headers_kb=1), asking("/", ("a", "x" * 992), authority="h"), None),
        (manager(max_request_headers_kb=1), asking("/", ("a", "x" * 993), authority="h"), TOO_LARGE),
        (manager(max_request_headers_kb=1), asking("/" + "x" * 997, authority="h"), None),
        (manager(max_request_headers_kb=1), asking("/" + "x" * 998, authority="h"), TOO_LARGE),
        (DEFAULT, asking("/", ("a", "x" * 61408), authority="h"), None),
        (DEFAULT, asking("/", ("a", "x" * 61409), authority="h"), TOO_LARGE),
        (DEFAULT, asking("/", ("x_y", "1")), None),
        (REJECTS_UNDERSCORES, asking("/", ("x_y", "1")), (400, "DPE", "http1.unexpected_underscore")),
        (REJECTS_UNDERSCORES, asking("/", ("x-y", "1")), None),
        (DEFAULT, asking("/", ("connection", "x-forwarded-for")), NOMINATED),
        (DEFAULT, asking("/", ("connection", ":path")), NOMINATED),
        (DEFAULT, asking("/", ("connection", "a,b,c,d,e,f,g,h,i,j,k")), NOMINATED),
        (DEFAULT, asking("/", ("connection", "a,b,c,d,e,f,g,h,i,j")), None),
        (DEFAULT, asking("/", ("connection", "host")), MISSING_HOST),
        (DEFAULT, asking("/", ("connection", "upgrade, x-forwarded-for"), ("upgrade", "websocket")), None),
        (DEFAULT, asking(protocol="http1.0"), LOW),
        (DEFAULT, asking(protocol="http/2.0"), LOW),
        (http1(accept_http_10=True), asking(protocol="http1.0"), None),
        (http1(accept_http_10=True), asking(protocol="http/1.2"), None),
        (http1(accept_http_10=True), asking(protocol="http1.0", authority=None), MISSING_HOST),
        (DEFAULT, asking("http://o.com/x", authority="h"), None),
        (http1(allow_absolute_url=False), asking("http://o.com/x"), NOT_RELATIVE),
        (http1(allow_absolute_url=False), asking("*"), NOT_RELATIVE),
        (DEFAULT, asking("https://o.com/x"), None),
        (EDGE, asking("https://o.com/x"), HTTPS_IN_PLAIN),
        (EDGE, asking("http://o.com/x"), None),
        (manager(use_remote_address=True, xff_num_trusted_hops=1), asking("https://o.com/x"), None),
        (DEFAULT, asking(**CONNECT), None),
        (DEFAULT, asking("h:1", **CONNECT), None),
        (DEFAULT, asking("/x", **CONNECT), INVALID_URL),
        (DEFAULT, asking(method="CONNECT", authority="h"), INVALID_URL),
    ],
)  # fmt: skip
def test_http1_requests_are_refused_or_pass(
    config: HttpConnectionManager, request_: HttpRequest, expected: tuple[int, str, str] | None
) -> None:
    assert answer(config, request_) == expected


FIELD, RULE = (0, "DPE", "http2.invalid.header.field"), (0, "DPE", "http2.violation.of.messaging.rule")


def http2(path: str = "/", *headers: tuple[str, str], **fields: Any) -> HttpRequest:
    return asking(path, *headers, **{"protocol": "http2", "authority": "h", **fields})


@pytest.mark.parametrize(
    ("config", "request_", "expected"),
    [
        (DEFAULT, http2(), None),
        (DEFAULT, http2(authority=None), RULE),
        (DEFAULT, http2("/", ("host", "x"), authority=None), None),
        (DEFAULT, http2(authority=""), FIELD),
        (DEFAULT, http2(authority="a b"), FIELD),
        (DEFAULT, http2(authority="u@h"), FIELD),
        (DEFAULT, http2(""), FIELD),
        (DEFAULT, http2("abc"), RULE),
        (DEFAULT, http2("*"), RULE),
        (DEFAULT, http2("*", method="OPTIONS"), NOT_RELATIVE),
        (DEFAULT, http2("/a b"), FIELD),
        (DEFAULT, http2("/aé"), None),
        (DEFAULT, http2("/", ("X-A", "1")), FIELD),
        (DEFAULT, http2("/", ("a", "\x01")), FIELD),
        (DEFAULT, http2(method="a b"), FIELD),
        (DEFAULT, http2(method="FOO"), None),
        (DEFAULT, http2("/", ("te", "gzip")), FIELD),
        (DEFAULT, http2("/", ("te", "trailers")), None),
        (DEFAULT, http2("/", ("connection", "close")), FIELD),
        (DEFAULT, http2("/", ("upgrade", "websocket")), FIELD),
        (DEFAULT, http2("/", ("content-length", "x")), FIELD),
        (DEFAULT, http2("/", (":protocol", "websocket"), method="CONNECT"), FIELD),
        (EXTENDED_CONNECT, http2("/", (":protocol", "websocket"), method="CONNECT"), None),
        (DEFAULT, http2(**CONNECT), None),
        (DEFAULT, http2("/", ("host", "h:1"), method="CONNECT", authority=None), RULE),
        (EXTENDED_CONNECT, http2("/", (":protocol", "websocket"), ("host", "h"), method="CONNECT"), None),
        (EXTENDED_CONNECT, http2("/", (":protocol", "websocket"), ("host", "h"), method="CONNECT", authority=None), RULE),
        (DEFAULT, http2("/", *many(96)), None),
        (DEFAULT, http2("/", *many(97)), (0, "DR", "http2.too_many_headers")),
        (DEFAULT, http2("/", ("a", "x" * 61401)), None),
        (DEFAULT, http2("/", ("a", "x" * 61402)), (0, "DR", "http2.header_list_size_too_large")),
        (REJECTS_UNDERSCORES, http2("/", ("x_y", "1")), (0, "DR", "http2.unexpected_underscore")),
    ],
)  # fmt: skip
def test_http2_streams_are_reset_or_pass(
    config: HttpConnectionManager, request_: HttpRequest, expected: tuple[int, str, str] | None
) -> None:
    assert answer(config, request_) == expected


def test_an_absolute_target_wins_over_the_host_header() -> None:
    request = decoded(DEFAULT, asking("HTTP://o.com?x", authority="h"))
    assert (request.authority, request.path, request.scheme) == ("o.com", "/?x", "http")


def test_http1_has_no_scheme_and_http2_has_one() -> None:
    assert (decoded(DEFAULT, asking()).scheme, decoded(DEFAULT, http2(scheme="https")).scheme) == ("", "https")


def test_several_host_headers_are_one() -> None:
    assert decoded(DEFAULT, asking("/", ("host", "b"), authority="a")).authority == "a,b"


def test_a_host_header_is_the_authority_of_http2_only_where_there_is_none() -> None:
    assert decoded(DEFAULT, http2("/", ("host", "x"), authority=None)).authority == "x"
    both = decoded(DEFAULT, http2("/", ("host", "x"), ("a", "1")))
    assert (both.authority, both.headers) == ("h", (("a", "1"),))


@pytest.mark.parametrize("headers", [(), (("host", "h"),)])
def test_an_extended_connect_is_decoded_as_an_upgrade(headers: tuple[tuple[str, str], ...]) -> None:
    request = decoded(EXTENDED_CONNECT, http2("/x", (":protocol", "websocket"), *headers, method="CONNECT"))
    assert (request.method, request.path, request.authority) == ("GET", "/x", "h")
    assert request.headers == (("connection", "upgrade"), ("upgrade", "websocket"))


def test_http_1_0_without_a_host_gets_the_default_one() -> None:
    config = http1(accept_http_10=True, default_host_for_http_10="fallback")
    assert decoded(config, asking(protocol="http1.0", authority=None)).authority == "fallback"
    assert decoded(config, asking(protocol="http1.0", authority="h")).authority == "h"


def test_underscore_and_nominated_headers_are_dropped() -> None:
    drops = common(headers_with_underscores_action="DROP_HEADER")
    assert decoded(drops, asking("/", ("x_y", "1"), ("x-y", "2"))).headers == (("x-y", "2"),)
    nominated = decoded(DEFAULT, asking("/", ("connection", "x-y, te"), ("x-y", "1"), ("te", "trailers")))
    assert nominated.headers == (("connection", "x-y, te"), ("te", "trailers"))


def test_connect_has_no_path() -> None:
    for request in (asking(**CONNECT), asking("h:1", **CONNECT), http2(**CONNECT)):
        assert (decoded(DEFAULT, request).authority, decoded(DEFAULT, request).path) == ("h:1", "")


def test_a_grpc_client_gets_its_answer_as_200_from_the_manager_but_not_from_the_codec() -> None:
    kind = ("content-type", "application/grpc")
    assert answer(DEFAULT, asking("/", kind, authority=None)) == (200, "-", "missing_host_header")
    assert answer(DEFAULT, asking("/", kind, method="FOO")) == CODEC_ERROR


def test_runtime_sets_the_limits_that_the_configuration_does_not_set() -> None:
    envoy = Envoy(runtime={"envoy.reloadable_features.max_request_headers_count": 3})
    request = asking("/", *many(3))
    assert isinstance(check_request(DEFAULT, request, PLAIN, StageContext(envoy)).value, End)
    assert isinstance(
        check_request(common(max_headers_count=9), request, PLAIN, StageContext(envoy)).value, HttpRequest
    )


def test_before_1_40_a_query_is_no_method() -> None:
    config, older = http1(allow_custom_methods=True), StageContext(Envoy((1, 39, 0)))
    for question in (asking(method="QUERY"), asking("/", ("content-type", "a/b"), method="QUERY")):
        end = check_request(config, question, Connection(), older).value
        assert isinstance(end, End)
        assert end.response is not None
        assert end.response.details == "http1.codec_error"
