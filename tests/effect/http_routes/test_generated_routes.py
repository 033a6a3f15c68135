"""Routes of VirtualServices that istiod made: prefixes of whole segments, and paths that replace them."""

from __future__ import annotations

import re

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_api.route_filters import PREFIX
from meshscope.effect.generated import GATEWAY, INGRESS, ROUTE_SEMANTICS, generated_object
from meshscope.effect.http_routes.actions import envoy_route
from meshscope.effect.http_routes.delegates import Rule
from meshscope.effect.http_routes.expected import expected_routes
from meshscope.effect.http_routes.generated_routes import of_origin
from meshscope.effect.http_routes.matches import envoy_match
from meshscope.effect.http_routes.places import Place
from meshscope.effect.written import Written
from meshscope.istio.objects.http_route import HTTPMatchRequest, HTTPRedirect, HTTPRewrite, HTTPRoute, StringMatch
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.xds.plain import plain
from meshscope.xds.route import Route

from ...mesh.meshes import captured, manifest, mesh_of
from ..gateway_api.small_mesh import GROUP, Json, gateway_dump


def made(prefix: str, origin: str = GATEWAY, *, port: int = 80, is_tls: bool = False, **does: object) -> Route:
    match = envoy_match(HTTPMatchRequest(uri=StringMatch(prefix=prefix)))
    rule = HTTPRoute(**does)  # type: ignore[arg-type]  # what it does, by name
    return of_origin(envoy_route(rule, "r", match, lambda _: "c", port, is_tls=is_tls), origin)


@pytest.mark.parametrize("origin", [GATEWAY, INGRESS])
def test_a_prefix_is_of_whole_segments(origin: str) -> None:
    assert made("/a", origin).match.path_separated_prefix == "/a"
    assert made("/a/", origin).match.path_separated_prefix == "/a"
    assert made("/a", origin).match.prefix is None
    assert made("/", origin).match.prefix == "/"


@pytest.mark.parametrize(
    ("prefix", "path", "expected"),
    [
        ("/a", "/a/b", "/b"),
        ("/a", "/a", "/"),
        ("/a", "/a/", "/"),
        ("/a.b", "/a.b/c", "/c"),
        ("/a.b", "/axb/c", "/axb/c"),
    ],
)
def test_a_prefix_that_is_taken_away_leaves_a_slash(prefix: str, path: str, expected: str) -> None:
    action = made(prefix, rewrite=HTTPRewrite(uri="/")).route
    assert action is not None
    assert action.regex_rewrite is not None
    assert not action.prefix_rewrite
    pattern = action.regex_rewrite.pattern.regex
    assert re.sub(pattern, action.regex_rewrite.substitution, path) == expected


def test_another_prefix_is_replaced_as_it_is() -> None:
    for origin, uri in ((GATEWAY, "/b"), (INGRESS, "/")):
        action = made("/a", origin, rewrite=HTTPRewrite(uri=uri)).route
        assert action is not None
        assert (action.prefix_rewrite, action.regex_rewrite) == (uri, None)


def test_a_redirect_may_replace_the_prefix() -> None:
    redirect = made("/a", redirect=HTTPRedirect(uri=f"{PREFIX}/b")).redirect
    assert redirect is not None
    assert (redirect.prefix_rewrite, redirect.path_redirect) == ("/b", "")
    redirect = made("/a", redirect=HTTPRedirect(uri="/b")).redirect
    assert redirect is not None
    assert (redirect.prefix_rewrite, redirect.path_redirect) == ("", "/b")


@pytest.mark.parametrize(
    ("asked", "port", "is_tls", "expected"),
    [
        (HTTPRedirect(derive_port="FROM_REQUEST_PORT"), 8080, False, 8080),
        (HTTPRedirect(derive_port="FROM_REQUEST_PORT"), 80, False, 0),
        (HTTPRedirect(derive_port="FROM_REQUEST_PORT"), 80, True, 80),
        (HTTPRedirect(derive_port="FROM_REQUEST_PORT"), 443, True, 0),
        (HTTPRedirect(derive_port="FROM_PROTOCOL_DEFAULT", scheme="https"), 80, False, 0),
        (HTTPRedirect(port=443, scheme="https"), 80, False, 0),
        (HTTPRedirect(port=8443, scheme="https"), 80, False, 8443),
    ],
)
def test_the_usual_port_of_the_scheme_is_left_out(asked: HTTPRedirect, port: int, is_tls: bool, expected: int) -> None:
    redirect = made("/", port=port, is_tls=is_tls, redirect=asked).redirect
    assert redirect is not None
    assert redirect.port_redirect == expected


@pytest.mark.parametrize(
    ("istiod", "proxy", "path"),
    [
        ("1.14.0", "1.14.0", {"path_separated_prefix": "/a"}),
        ("1.14.0", "1.13.0", {"safe_regex": {"regex": r"/a((\/).*)?"}}),
        ("1.13.0", "1.13.0", {"safe_regex": {"regex": r"/a((\/).*)?"}}),
    ],
)
def test_segments_are_for_proxies_that_know_them(istiod: str, proxy: str, path: Json) -> None:
    """The control plane asks each proxy's version."""
    version = captured("istiod/istiod-1/version", istiod, kind="version", istiod="istiod-1")
    mesh = mesh_of(version, gateway_dump(version=proxy))
    configuration = Configuration(mesh)
    assert configuration.version
    assert configuration.version[:2] == tuple(map(int, istiod.split(".")[:2]))
    rule = HTTPRoute(match=(HTTPMatchRequest(uri=StringMatch(prefix="/a")),))
    made_of = next(iter(mesh_of(captured("o.json", manifest("HTTPRoute", "r", GROUP))).objects))
    item = generated_object("VirtualService", "r", made_of, "", {ROUTE_SEMANTICS: GATEWAY})
    owner = Written(item, VirtualService())
    place = Place("http.80", "a.example:80", "a.example", 80, "shop/web")
    rules = [Rule(("spec", "http", 0), rule, "shop")]
    (found,) = expected_routes(configuration, configuration.clients[0], place, rules, owner)
    assert found.route
    match = plain(found.route.match)
    assert {key: match[key] for key in path} == path
