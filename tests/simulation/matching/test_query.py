from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Envoy
from meshscope.simulation.matching.query import query_because, query_matches, query_parameters
from meshscope.simulation.matching.string import NEWEST
from meshscope.xds.matcher import QueryParameterMatcher

from ..reading import read


def asked(matcher: dict[str, Any], path: str, envoy: Envoy = NEWEST) -> str:
    wanted = read(QueryParameterMatcher, {"name": "q", **matcher})
    return query_matches(wanted, query_parameters(path), envoy).answer


@pytest.mark.parametrize(
    ("matcher", "path", "answer"),
    [
        ({}, "/?q", "yes"),
        ({}, "/?q=1", "yes"),
        ({}, "/?Q=1", "no"),
        ({}, "/", "no"),
        ({"present_match": True}, "/?q=", "yes"),
        ({"present_match": True}, "/?r", "no"),
        ({"present_match": False}, "/?r", "yes"),
        ({"present_match": False}, "/?q", "no"),
        ({"string_match": {"exact": "1"}}, "/?q=1", "yes"),
        ({"string_match": {"exact": "1"}}, "/?q=%31", "no"),
        ({"string_match": {"exact": "1"}}, "/?%71=1", "no"),
        ({"string_match": {"exact": "a b"}}, "/?q=a+b", "no"),
        ({"string_match": {"exact": "a+b"}}, "/?q=a+b", "yes"),
        ({"string_match": {"exact": "1"}}, "/?q=1&q=2", "yes"),
        ({"string_match": {"exact": "2"}}, "/?q=1&q=2", "no"),
        ({"string_match": {"exact": ""}}, "/?q", "yes"),
        ({"string_match": {"exact": ""}}, "/?q=", "yes"),
        ({"string_match": {"exact": ""}}, "/", "no"),
        ({"string_match": {"exact": "a?r=b"}}, "/?q=a?r=b", "yes"),
    ],
)
def test_nothing_is_decoded_and_the_first_of_a_name_counts(matcher: dict[str, Any], path: str, answer: str) -> None:
    assert asked(matcher, path) == answer


def test_before_1_34_any_present_match_asks_for_presence() -> None:
    absent = {"present_match": False}
    assert asked(absent, "/", Envoy((1, 33, 9))) == "no"
    assert asked(absent, "/?q", Envoy((1, 33, 9))) == "yes"
    assert asked(absent, "/", Envoy((1, 34, 0))) == "yes"
    guard = {"envoy.reloadable_features.enable_new_query_param_present_match_behavior": False}
    assert asked(absent, "/", Envoy((1, 34, 0), guard)) == "no"


def test_the_words_name_what_would_have_to_change() -> None:
    exact = read(QueryParameterMatcher, {"name": "q", "string_match": {"exact": "1"}})
    absent = read(QueryParameterMatcher, {"name": "q", "present_match": False})
    assert query_because(exact, query_parameters("/")) == "query parameter q is absent; exact '1' was asked"
    assert query_because(exact, query_parameters("/?q=2")) == "query parameter q is '2'; exact '1' was asked"
    assert query_because(absent, query_parameters("/?q=2")) == "query parameter q is '2'; it was to be absent"
