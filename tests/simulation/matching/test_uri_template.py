"""The table is what Envoy 1.40 answers."""

from __future__ import annotations

import pytest

from meshscope.simulation.connection import Envoy
from meshscope.simulation.matching.uri_template import path_template, uri_template_matches
from meshscope.xds.extension import Extension
from meshscope.xds.message import Undecodable

from ..reading import read

NEW = Envoy((1, 40, 0))
TYPE = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"


@pytest.mark.parametrize(
    ("template", "holds", "fails"),
    [
        (
            "/a/**",
            ["/a/", "/a/b/c", "/a/b*c", "/a/b=c", "/a/b;c", "/a//b", "/a/b'c"],
            ["/a", "/a/b|c", '/a/b"c', "/a/b^c"],
        ),
        ("/b/*", ["/b/x", "/b/x*y", "/b/x=y", "/b/x~y"], ["/b/", "/b/x/y", "/b/x|y"]),
        ("/c/**.mpd", ["/c/.mpd", "/c/a/b.mpd"], ["/c/amp", "/cx.mpd"]),
        ("/d/{x}/", ["/d/a/"], ["/d/a"]),
        ("/e/{x=f/**}/z", ["/e/f//z", "/e/f/a/b/z"], ["/e/f/z"]),
        ("/i/*.txt", ["/i/a.txt"], ["/i/.txt", "/i/atxt"]),
        ("/m/{x=**}.json", ["/m/.json", "/m/a/b.json"], ["/m/json"]),
        ("/m/**/x", ["/m/a/b/x"], ["/m/x"]),
        ("/q/a+b.c$(d)", ["/q/a+b.c$(d)"], ["/q/aab.c$(d)"]),
        ("/", ["/"], ["/a"]),
        ("/u/", ["/u/"], ["/u"]),
        ("/y/{a=b=c}", ["/y/b=c"], ["/y/b"]),
        (
            "/api/v{version}/users/{id}.json",
            ["/api/v1/users/7.json"],
            ["/api/v/users/7.json", "/api/v1/2/users/7.json"],
        ),
        ("/p/{a}x/q", ["/p/1x/q"], ["/p/x/q"]),
        ("/n/pre{v=*}", ["/n/prea", "/n/pre*"], ["/n/pre"]),
        ("/e/{x=f/**}z/q", ["/e/f/az/q"], ["/e/f/a/q"]),
        ("/s/v{a}/", ["/s/v1/"], ["/s/v1"]),
        ("/aa/x{v=**}/y", ["/aa/xa/b/y"], ["/aa/xa/b"]),
        # a literal * reaches the regular expression as it stands
        ("/h/v*", ["/h/", "/h/v", "/h/vvv"], ["/h/v*", "/h/v1"]),
        ("/k/a{b=x*}c", ["/k/axxc", "/k/axc"], ["/k/axyc"]),
        ("/z/a**", [], ["/z/aa", "/z/", "/z/a**"]),
    ],
)
def test_templates(template: str, holds: list[str], fails: list[str]) -> None:
    assert {path for path in holds if not uri_template_matches(template, path, NEW).is_yes} == set()
    assert {path for path in fails if not uri_template_matches(template, path, NEW).is_no} == set()


@pytest.mark.parametrize(
    "template",
    [
        "/g/{a}-{b}",
        "/j/{a}{b}",
        "/k/l{v=m/n}o",
        "/i/*x/q",
        "/j/a{b}c{d}e",
        "/n/{a=**}/b{c}",
        "//a",
        "/x/a|b",
        "x",
        "/{a}/{a}",
        "/{1}",
        "/{}",
        "/{a=}",
        "/{a",
        "/{abcdefghijklmnopq}",
        "/**/*",
        "/{a}/{b}/{c}/{d}/{e}/{f}",
    ],
)
def test_what_envoy_refuses_is_unknown(template: str) -> None:
    verdict = uri_template_matches(template, "/x", NEW)
    assert verdict.is_unknown
    assert template in verdict.because


def test_a_variable_beside_text_came_with_1_39() -> None:
    assert uri_template_matches("/v{x}", "/v1", Envoy((1, 38, 4))).is_unknown
    assert uri_template_matches("/v{x}", "/v1", Envoy((1, 39, 0))).is_yes
    assert uri_template_matches("/{x}.json", "/1.json", Envoy((1, 38, 4))).is_yes


def test_globs_take_an_asterisk_since_1_35() -> None:
    assert uri_template_matches("/*", "/a*", Envoy((1, 34, 0))).is_no
    assert uri_template_matches("/*", "/a*", Envoy((1, 34, 1))).is_yes


def test_the_template_of_a_policy() -> None:
    policy = read(Extension, {"name": "u", "typed_config": {"@type": TYPE, "path_template": "/a/*"}})
    assert path_template(policy) == "/a/*"
    other = read(Extension, {"name": "u", "typed_config": {"@type": "type.googleapis.com/acme.Policy"}})
    assert path_template(other) == Undecodable("path match policy acme.Policy")
