from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.matching.path import (
    path_because,
    path_test,
    path_without_parameters,
    path_without_query,
    specifier_of,
)
from meshscope.xds.route_match import RouteMatch

from ..reading import read

TEMPLATE = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"


def asked(match: dict[str, Any], path: str, request: HttpRequest | None = None) -> str:
    test = path_test(read(RouteMatch, match))
    return test(path, path, request or HttpRequest(path=path), Envoy()).answer


@pytest.mark.parametrize(
    ("match", "holds", "fails"),
    [
        ({"prefix": "/foo"}, ["/foo", "/foobar", "/foo/"], ["/fo", "/FOO", "/a/foo"]),
        ({"prefix": ""}, ["/", "/a"], []),
        ({"prefix": "/foo?a"}, [], ["/foo"]),
        ({"prefix": "/FOO", "case_sensitive": False}, ["/foobar"], ["/fo"]),
        ({"path": "/foo"}, ["/foo"], ["/foo/", "/FOO", "/"]),
        ({"path": "/foo", "case_sensitive": False}, ["/FOO"], ["/foo/"]),
        ({"path_separated_prefix": "/foo"}, ["/foo", "/foo/", "/foo/a"], ["/foobar", "/fo", "/FOO"]),
        ({"path_separated_prefix": "/foo", "case_sensitive": False}, ["/FOO/a"], ["/FOOa"]),
        ({"safe_regex": {"regex": "/[a-z]+"}}, ["/foo"], ["/foo/", "/FOO", "x/foo"]),
        ({"safe_regex": {"regex": "/foo"}, "case_sensitive": False}, ["/foo"], ["/FOO"]),
        ({}, [], ["/", ""]),
    ],
)
def test_each_specifier(match: dict[str, Any], holds: list[str], fails: list[str]) -> None:
    assert [path for path in holds if asked(match, path) != "yes"] == []
    assert [path for path in fails if asked(match, path) != "no"] == []
    assert [
        path
        for path in holds
        if not path.startswith(specifier_of(read(RouteMatch, match)).beginning(read(RouteMatch, match)))
    ] == []


def test_connect_is_a_method_or_an_upgrade() -> None:
    assert asked({"connect_matcher": {}}, "/", HttpRequest(method="CONNECT")) == "yes"
    assert asked({"connect_matcher": {}}, "/", HttpRequest(headers=(("upgrade", "Connect-UDP"),))) == "yes"
    assert asked({"connect_matcher": {}}, "/", HttpRequest(headers=(("upgrade", "websocket"),))) == "no"


def test_a_policy_that_is_no_uri_template_is_unknown() -> None:
    known = {"path_match_policy": {"name": "u", "typed_config": {"@type": TEMPLATE, "path_template": "/a/*"}}}
    assert asked(known, "/a/b") == "yes"
    other = {"path_match_policy": {"name": "u", "typed_config": {"@type": "type.googleapis.com/acme.Policy"}}}
    assert asked(other, "/a/b") == "unknown"


def test_a_uri_template_sees_the_path_parameters() -> None:
    match = read(
        RouteMatch, {"path_match_policy": {"name": "u", "typed_config": {"@type": TEMPLATE, "path_template": "/a;b"}}}
    )
    assert path_test(match)("/a", "/a;b", HttpRequest(), Envoy()).is_yes


@pytest.mark.parametrize(
    ("path", "bare"), [("/a?b?c", "/a"), ("/a#b", "/a"), ("/a?b#c", "/a"), ("/a#b?c", "/a"), ("/a", "/a"), ("?", "")]
)
def test_query_and_fragment_are_no_part_of_the_path(path: str, bare: str) -> None:
    assert path_without_query(path) == bare


@pytest.mark.parametrize(
    ("path", "by_segment", "before"),
    [
        ("/foo;x=1/bar;y", "/foo/bar", "/foo"),
        ("/foo/bar;", "/foo/bar", "/foo/bar"),
        ("/;a/foo", "//foo", "/"),
        ("/foo", "/foo", "/foo"),
    ],
)
def test_path_parameters_go_by_segment_since_august_2026(path: str, by_segment: str, before: str) -> None:
    assert path_without_parameters(path, Envoy((1, 40, 0))) == by_segment
    assert path_without_parameters(path, Envoy((1, 39, 0))) == before


@pytest.mark.parametrize(
    ("match", "words"),
    [
        ({"prefix": "/a"}, "path is '/b'; prefix '/a' was asked"),
        ({"safe_regex": {"regex": "/a.*"}}, "path is '/b'; regex '/a.*' was asked"),
        ({"connect_matcher": {}}, "the method is not CONNECT"),
        ({}, "path is '/b'; no path specifier was asked"),
    ],
)
def test_the_words_name_what_would_have_to_change(match: dict[str, Any], words: str) -> None:
    assert path_because(read(RouteMatch, match), "/b") == words
