from __future__ import annotations

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.route.redirect import Redirect, own_uri
from meshscope.xds.route import Route

from ..reading import asking, read


def redirect(action: object, match: object = None) -> Redirect:
    return Redirect(read(Route, {"match": match or {"prefix": "/old"}, "redirect": action}))


@pytest.mark.parametrize(
    ("action", "location"),
    [
        ({}, "http://shop.example/old/a?q=1"),
        ({"https_redirect": True}, "https://shop.example/old/a?q=1"),
        ({"scheme_redirect": "ftp"}, "ftp://shop.example/old/a?q=1"),
        ({"host_redirect": "new.example"}, "http://new.example/old/a?q=1"),
        ({"port_redirect": 8443}, "http://shop.example:8443/old/a?q=1"),
        ({"path_redirect": "/n"}, "http://shop.example/n?q=1"),
        ({"path_redirect": "/n?own=2"}, "http://shop.example/n?own=2"),
        ({"path_redirect": "/n?own=2", "strip_query": True}, "http://shop.example/n?own=2"),
        ({"path_redirect": "n"}, "http://shop.example/n?q=1"),
        ({"prefix_rewrite": "/new"}, "http://shop.example/new/a?q=1"),
        ({"prefix_rewrite": "/"}, "http://shop.example//a?q=1"),
        ({"regex_rewrite": {"pattern": {"regex": "^/old/(.*)$"}, "substitution": r"/\1"}}, "http://shop.example/a?q=1"),
        ({"strip_query": True}, "http://shop.example/old/a"),
    ],
)
def test_the_location_is_put_together_from_the_redirect_and_the_request(action: object, location: str) -> None:
    assert redirect(action).location(asking("/old/a?q=1")) == location


@pytest.mark.parametrize(
    ("action", "scheme", "host", "kept"),
    [
        ({"https_redirect": True}, "http", "h:80", "https://h/"),
        ({"https_redirect": True}, "http", "h:8080", "https://h:8080/"),
        ({"scheme_redirect": "http"}, "https", "h:443", "http://h/"),
        ({"scheme_redirect": "http"}, "http", "h:443", "http://h:443/"),
        ({"scheme_redirect": "http"}, "http", "h:80", "http://h:80/"),
        ({"port_redirect": 81}, "http", "h:8080", "http://h:81/"),
        ({"host_redirect": "n"}, "http", "h:8080", "http://n/"),
        ({"https_redirect": True}, "http", "[::1]:80", "https://[::1]/"),
        ({"https_redirect": True}, "http", "[::1]", "https://[::1]/"),
    ],
)
def test_a_port_goes_with_the_host_or_with_its_scheme(action: object, scheme: str, host: str, kept: str) -> None:
    request = asking("/", ("x-forwarded-proto", scheme), scheme=scheme, authority=host)
    assert redirect(action, {"prefix": "/"}).location(request) == kept


@pytest.mark.parametrize("match", [{"path": "/old/a"}, {"safe_regex": {"regex": ".*"}}])
def test_prefix_rewrite_takes_the_whole_path_where_the_whole_path_matched(match: object) -> None:
    assert redirect({"prefix_rewrite": "/n"}, match).location(asking("/old/a?q")) == "http://shop.example/n?q"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("MOVED_PERMANENTLY", 301),
        ("FOUND", 302),
        ("SEE_OTHER", 303),
        ("TEMPORARY_REDIRECT", 307),
        ("PERMANENT_REDIRECT", 308),
    ],
)
def test_the_answer_has_the_code_and_no_flag(word: str, code: int) -> None:
    answer = redirect({"response_code": word}).answer(asking("/old"))
    assert (answer.code, answer.flags, answer.details) == (code, "-", "direct_response")
    assert answer.headers == (("location", "http://shop.example/old"),)


def test_a_grpc_client_is_answered_200() -> None:
    assert redirect({}).answer(asking("/old", ("content-type", "application/grpc"))).code == 200


def test_a_redirect_without_any_field_leads_to_the_request_itself() -> None:
    assert own_uri(asking("/a?b=c", authority="h:80")) == "http://h:80/a?b=c"


@pytest.mark.parametrize(
    ("action", "location"),
    [
        ({}, None),
        ({"https_redirect": True}, None),
        ({"host_redirect": "h"}, None),
        ({"path_redirect": "/x"}, None),
        ({"prefix_rewrite": "/p"}, "http://a.example:80/p"),
        ({"regex_rewrite": {"pattern": {"regex": "a"}, "substitution": "b"}}, None),
        ({"regex_rewrite": {"pattern": {"regex": ".*"}, "substitution": "/z"}}, "http://a.example:80/z"),
    ],
)
def test_a_connect_without_a_path_gets_a_location_only_of_a_rewritten_one(action: object, location: str | None) -> None:
    """Each row is the answer of an Envoy 1.40."""
    request = HttpRequest(method="CONNECT", authority="a.example:80", path="")
    found = redirect(action, {"connect_matcher": {}}).answer(request)
    assert (found.location, found.headers) == (location, (("location", location),) if location else ())
    assert own_uri(request) is None
    assert redirect(action, {"connect_matcher": {}}).answer(request, of_table=True).location


@pytest.mark.parametrize(
    ("action", "path", "original"),
    [
        ({"prefix_rewrite": "/new"}, "/new/a?q=1", ("/old/a?q=1",)),
        ({"regex_rewrite": {"pattern": {"regex": "x"}, "substitution": ""}}, "/old/a?q=1", ("/old/a?q=1",)),
        ({"path_redirect": "/n"}, "/old/a?q=1", ()),
        ({"strip_query": True}, "/old/a?q=1", ()),
    ],
)
def test_response_headers_see_the_path_that_a_redirect_rewrote(
    action: object, path: str, original: tuple[str, ...]
) -> None:
    seen = redirect(action).rewritten(asking("/old/a?q=1"))
    assert (seen.path, seen.values("x-envoy-original-path")) == (path, original)
