from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.http_filters.jwt.locations import LocatedToken, TokenLocations
from meshscope.xds.jwt_authn import JwtProvider

from ...reading import asking, read

ONE, TWO = frozenset({"i1"}), frozenset({"i2"})


def locations(*providers: dict[str, Any]) -> TokenLocations:
    return TokenLocations([read(JwtProvider, provider) for provider in providers])


def test_without_any_place_the_default_header_and_parameter_count() -> None:
    default = locations({"issuer": "i1"})
    assert default.find(asking("/?access_token=p%31", ("authorization", "Bearer h"))) == (
        LocatedToken("h", ONE, header="authorization"),
        LocatedToken("p1", ONE, parameter="access_token"),
    )
    assert default.find(asking("/?token=p", ("authorization", "bearer h"), ("cookie", "access_token=c"))) == ()


@pytest.mark.parametrize("place", [{"from_headers": [{"name": "X"}]}, {"from_params": ["p"]}, {"from_cookies": ["c"]}])
def test_any_place_replaces_the_default_ones(place: dict[str, Any]) -> None:
    tokens = locations({"issuer": "i1", **place}).find(
        asking("/?access_token=no&p=yes", ("authorization", "Bearer no"), ("x", "yes"), ("cookie", "c=yes"))
    )
    assert [one.text for one in tokens] == ["yes"]


def test_tokens_are_collected_from_headers_then_parameters_then_cookies() -> None:
    places = {"from_cookies": ["c"], "from_params": ["q", "p"], "from_headers": [{"name": "y"}, {"name": "x"}]}
    tokens = locations({"issuer": "i1", **places}).find(asking("/?q=4&p=3", ("cookie", "c=5"), ("y", "2"), ("x", "1")))
    assert [one.text for one in tokens] == ["1", "2", "3", "4", "5"]
    assert [(one.header, one.parameter) for one in tokens] == [("x", ""), ("y", ""), ("", "p"), ("", "q"), ("", "")]


def test_a_place_of_several_providers_has_one_token_for_the_issuers_of_all() -> None:
    shared, own = {"from_headers": [{"name": "x"}]}, {"from_headers": [{"name": "x"}, {"name": "y"}]}
    tokens = locations({"issuer": "i1", **shared}, {"issuer": "i2", **own}).find(asking("/", ("x", "a"), ("y", "b")))
    assert [(one.text, one.issuers) for one in tokens] == [("a", ONE | TWO), ("b", TWO)]


@given(st.text(alphabet="ab ", max_size=3), st.text(alphabet=' "=', max_size=3), st.from_regex(r"\A[\w.-]+\Z"))
def test_the_token_is_what_follows_the_prefix_wherever_that_is(before: str, between: str, text: str) -> None:
    text = text.encode("ascii", "ignore").decode() or "t"
    (token,) = locations({"issuer": "i1"}).find(asking("/", ("authorization", f"{before}Bearer {between}{text}")))
    assert token.text == text
