"""Matches and their order, against the Gateway API's own words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.effect.gateway_api.http_matches import grpc_match, http_match, precedence
from meshscope.istio.gateway_api.grpc_route import GRPCMethodMatch, GRPCRouteMatch
from meshscope.istio.gateway_api.http_route import HTTPHeaderMatch, HTTPPathMatch, HTTPQueryParamMatch, HTTPRouteMatch
from meshscope.istio.objects.http_route import HTTPMatchRequest, StringMatch

PATHS = st.sampled_from(["/", "/a", "/a/b", "/a/b/c", "/b"])
MATCHES = st.builds(
    HTTPRouteMatch,
    path=st.builds(HTTPPathMatch, type=st.sampled_from(["Exact", "PathPrefix"]), value=PATHS),
    headers=st.lists(
        st.builds(HTTPHeaderMatch, name=st.sampled_from("xy"), value=st.just("1")),
        max_size=2,
        unique_by=lambda one: one.name,
    ).map(tuple),
    query_params=st.lists(st.builds(HTTPQueryParamMatch, name=st.just("q"), value=st.just("1")), max_size=1).map(tuple),
    method=st.sampled_from(["", "GET"]),
)


def takes(match: HTTPRouteMatch, path: str) -> bool:
    """Whether it takes GET of the path, with every header and parameter that anything asks for."""
    asked = match.path.value.rstrip("/")
    return path == match.path.value or (match.path.type == "PathPrefix" and f"{path}/".startswith(f"{asked}/"))


@given(st.lists(MATCHES, min_size=1, max_size=6), PATHS)
def test_the_first_match_is_the_one_that_the_gateway_api_prefers(matches: list[HTTPRouteMatch], path: str) -> None:
    """https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule : exact, longest, method, headers, parameters."""
    ordered = sorted(matches, key=lambda one: precedence(http_match(one)))
    first = next((one for one in ordered if takes(one, path)), None)
    candidates = [one for one in matches if takes(one, path)]
    assert (first is None) is not bool(candidates)
    for wins in (
        lambda one: one.path.type == "Exact",
        lambda one: len(one.path.value),
        lambda one: bool(one.method),
        lambda one: len(one.headers),
        lambda one: len(one.query_params),
    ):
        if first is not None:
            best = max(map(wins, candidates))
            assert wins(first) == best
            candidates = [one for one in candidates if wins(one) == best]


def test_what_takes_everything_stands_last_and_expressions_before_it() -> None:
    expression = precedence(http_match(HTTPRouteMatch(path=HTTPPathMatch(type="RegularExpression", value="/a.*"))))
    longest = precedence(http_match(HTTPRouteMatch(path=HTTPPathMatch(value="/a"))))
    assert longest < expression < precedence(HTTPMatchRequest()) < precedence(None)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("PathPrefix", "/", StringMatch(prefix="/")),
        ("PathPrefix", "/a/", StringMatch(prefix="/a")),
        ("Exact", "/a/", StringMatch(exact="/a/")),
        ("RegularExpression", "/a.*", StringMatch(regex="/a.*")),
    ],
)
def test_paths(kind: str, value: str, expected: StringMatch) -> None:
    assert http_match(HTTPRouteMatch(path=HTTPPathMatch(type=kind, value=value))).uri == expected


@pytest.mark.parametrize("kind", ["Exact", "RegularExpression"])
@pytest.mark.parametrize(("service", "method"), [("a.B", "C"), ("a.B", None), (None, "C")])
def test_a_method_of_grpc_is_a_path(kind: str, service: str | None, method: str | None) -> None:
    uri = grpc_match(GRPCRouteMatch(method=GRPCMethodMatch(type=kind, service=service, method=method))).uri
    assert uri is not None
    for path, is_taken in (
        ("/a.B/C", True),
        ("/a.B/D", method is None),
        ("/x.Y/C", service is None),
        ("/x.Y/D", False),
    ):
        if uri.regex is not None:
            found = re.fullmatch(uri.regex, path) is not None
        else:
            found = path == uri.exact or (uri.prefix is not None and path.startswith(uri.prefix))
        assert found is is_taken, path


def test_without_a_method_every_call_is_taken() -> None:
    assert grpc_match(GRPCRouteMatch()).uri is None
