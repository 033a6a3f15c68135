from __future__ import annotations

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.route.rewrites import Rewrites, split_path
from meshscope.xds.route import Route

from ..reading import asking, read


def rewritten(action: object, request: HttpRequest, match: object = None) -> HttpRequest:
    return rewrites(action, match).apply(SubstitutionFacts(request=request))[0]


def rewrites(action: object, match: object = None) -> Rewrites:
    return Rewrites(read(Route, {"match": match or {"prefix": "/old"}, "route": action}))


@pytest.mark.parametrize(
    ("match", "rewrite", "path", "new"),
    [
        ({"prefix": "/old"}, "/", "/old/a?q=1", "//a?q=1"),
        ({"prefix": "/old/"}, "/", "/old/a", "/a"),
        ({"prefix": "/old"}, "/new", "/oldest", "/newest"),
        ({"prefix": "/OLD", "case_sensitive": False}, "/new", "/old/a", "/new/a"),
        ({"path_separated_prefix": "/old"}, "/new", "/old/a", "/new/a"),
        ({"path": "/old"}, "/new", "/old?q", "/new?q"),
        ({"safe_regex": {"regex": "/o.*"}}, "/new", "/old/a?q", "/new?q"),
    ],
)
def test_prefix_rewrite_takes_the_place_of_what_matched(match: object, rewrite: str, path: str, new: str) -> None:
    request = rewritten({"prefix_rewrite": rewrite}, asking(path), match)
    assert (request.path, request.values("x-envoy-original-path")) == (new, (path,))


def test_regex_rewrite_leaves_the_query_alone() -> None:
    action = {"regex_rewrite": {"pattern": {"regex": "one"}, "substitution": "two"}}
    assert rewritten(action, asking("/one/one?one")).path == "/two/two?one"


def test_the_original_path_is_kept_even_where_nothing_changed() -> None:
    assert rewritten({"prefix_rewrite": "/old"}, asking("/old")).values("x-envoy-original-path") == ("/old",)


def test_a_route_without_a_rewrite_leaves_the_request_as_it_is() -> None:
    assert rewritten({}, asking("/old")) == asking("/old")


@pytest.mark.parametrize(
    ("action", "host"),
    [
        ({"host_rewrite_literal": "lit:81"}, "lit:81"),
        ({"host_rewrite_header": "x-host"}, "first"),
        ({"host_rewrite_header": "absent"}, "shop.example"),
        ({"host_rewrite_path_regex": {"pattern": {"regex": "^/(.+)/.+$"}, "substitution": r"\1"}}, "old"),
        ({"host_rewrite_path_regex": {"pattern": {"regex": "^/no$"}, "substitution": "x"}}, "/old/a"),
        ({"host_rewrite": "h-%REQ(x-host)%"}, "h-first"),
        ({"host_rewrite": "h%REQ(absent)%"}, "h-"),
    ],
)
def test_the_host_is_rewritten_by_the_one_way_that_is_configured(action: object, host: str) -> None:
    request = rewritten(action, asking("/old/a?q", ("x-host", "first"), ("x-host", "second")))
    assert request.authority == host
    assert request.values("x-envoy-original-host") == (() if host == "shop.example" else ("shop.example",))


@pytest.mark.parametrize(
    ("before", "after"),
    [((), "shop.example"), (("a",), "a,shop.example"), (("a,shop.example",), "a,shop.example")],
)
def test_x_forwarded_host_grows_by_the_old_host_once(before: tuple[str, ...], after: str) -> None:
    headers = tuple(("x-forwarded-host", value) for value in before)
    action = {"host_rewrite_literal": "lit", "append_x_forwarded_host": True}
    assert rewritten(action, asking("/old", *headers)).values("x-forwarded-host") == (after,)


def test_x_forwarded_host_is_not_touched_unless_asked() -> None:
    assert rewritten({"host_rewrite_literal": "lit"}, asking("/old")).values("x-forwarded-host") == ()


def test_auto_host_rewrite_waits_for_the_endpoint_and_needs_its_name() -> None:
    auto = rewrites({"auto_host_rewrite": True})
    assert auto.apply(SubstitutionFacts(request=asking("/old")))[0].authority == "shop.example"
    assert auto.with_endpoint(asking("/old"), "ep.example").authority == "ep.example"
    assert auto.with_endpoint(asking("/old"), "") == asking("/old")
    assert rewrites({}).with_endpoint(asking("/old"), "ep.example") == asking("/old")


@pytest.mark.parametrize(("text", "new"), [("/lit", "/lit?q"), ("/p%REQ(x)%", "/p1?q"), ("%REQ(absent)%", "/old?q")])
def test_a_path_formatter_replaces_the_path_unless_it_is_empty(text: str, new: str) -> None:
    assert rewritten({"path_rewrite": text}, asking("/old?q", ("x", "1"))).path == new


def test_what_a_formatter_cannot_know_stays_visible_and_is_an_assumption() -> None:
    request, assuming = rewrites({"path_rewrite": "/%START_TIME%"}).apply(SubstitutionFacts(request=asking("/old")))
    assert (request.path, assuming) == ("/%START_TIME%", ("path_rewrite: %START_TIME% is not known",))


URI = "type.googleapis.com/envoy.extensions.path"


def test_a_uri_template_moves_its_variables() -> None:
    match = {
        "path_match_policy": {
            "name": "t",
            "typed_config": {
                "@type": f"{URI}.match.uri_template.v3.UriTemplateMatchConfig",
                "path_template": "/a/{one}/{rest=**}",
            },
        }
    }
    policy = {
        "name": "r",
        "typed_config": {
            "@type": f"{URI}.rewrite.uri_template.v3.UriTemplateRewriteConfig",
            "path_template_rewrite": "/{rest}/{one}",
        },
    }
    assert rewritten({"path_rewrite_policy": policy}, asking("/a/x/y/z?q"), match).path == "/y/z/x?q"
    assert rewritten({"path_rewrite_policy": policy}, asking("/b?q"), match).path == "/b?q"


def test_another_path_rewrite_policy_is_an_assumption() -> None:
    policy = {"name": "mine", "typed_config": {"@type": "type.googleapis.com/acme.Rewrite"}}
    request, assuming = rewrites({"path_rewrite_policy": policy}).apply(SubstitutionFacts(request=asking("/old")))
    assert request.path == "/old"
    assert "acme.Rewrite" in assuming[0]


@pytest.mark.parametrize(
    ("path", "parts"), [("/a", ("/a", "")), ("/a?b#c", ("/a", "?b#c")), ("/a#c?b", ("/a", "#c?b"))]
)
def test_a_path_ends_at_its_query_or_fragment(path: str, parts: tuple[str, str]) -> None:
    assert split_path(path) == parts
