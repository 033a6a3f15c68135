from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.matching.header import header_because, header_matches, header_values
from meshscope.xds.matcher import HeaderMatcher, Int64Range, StringMatcher

from ..reading import read

NEW = Envoy((1, 40, 0))


def asked(matcher: dict[str, Any], *values: str, individually: bool = True, envoy: Envoy = NEW, name: str = "h") -> str:
    request = HttpRequest(headers=tuple((name, value) for value in values))
    return header_matches(
        read(HeaderMatcher, {"name": name, **matcher}), request, envoy, individually=individually
    ).answer


EMPTY = {"treat_missing_header_as_empty": True}
INVERT = {"invert_match": True}
EXACT = {"string_match": {"exact": "v"}}
ANY = {"string_match": {"prefix": ""}}


@pytest.mark.parametrize(
    ("matcher", "missing", "missing_as_empty", "present"),
    [
        ({}, "no", "yes", "yes"),
        ({"present_match": True}, "no", "yes", "yes"),
        ({"present_match": False}, "yes", "no", "no"),
        (INVERT, "yes", "no", "no"),
        ({"present_match": True, **INVERT}, "yes", "no", "no"),
        ({"present_match": False, **INVERT}, "no", "yes", "yes"),
        (EXACT, "no", "no", "yes"),
        (ANY, "no", "yes", "yes"),
        ({**EXACT, **INVERT}, "no", "yes", "no"),
        ({**ANY, **INVERT}, "no", "no", "no"),
        ({"string_match": {"exact": ""}}, "no", "yes", "no"),
        ({"exact_match": ""}, "no", "yes", "yes"),
        ({"exact_match": "v"}, "no", "no", "yes"),
        ({"range_match": {"start": "0", "end": "9"}}, "no", "no", "no"),
        ({"range_match": {"start": "0", "end": "9"}, **INVERT}, "no", "yes", "yes"),
    ],
)
def test_the_truth_table(matcher: dict[str, Any], missing: str, missing_as_empty: str, present: str) -> None:
    assert asked(matcher) == missing
    assert asked({**matcher, **EMPTY}) == missing_as_empty
    assert asked(matcher, "v") == asked({**matcher, **EMPTY}, "v") == present


@pytest.mark.parametrize(
    ("matcher", "holds", "fails"),
    [
        ({"exact_match": "v"}, "v", "V"),
        ({"prefix_match": "v"}, "vw", "wv"),
        ({"suffix_match": "v"}, "wv", "vw"),
        ({"contains_match": "v"}, "wvw", "w"),
        ({"safe_regex_match": {"regex": "v+"}}, "vv", "vw"),
        ({"range_match": {"start": "-2", "end": "5"}}, "-2", "5"),
    ],
)
def test_each_older_spelling(matcher: dict[str, Any], holds: str, fails: str) -> None:
    assert asked(matcher, holds) == "yes"
    assert asked(matcher, fails) == "no"


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ("5", "yes"),
        (" 5 ", "yes"),
        ("+5", "yes"),
        ("-5", "no"),
        ("5x", "no"),
        ("5.0", "no"),
        ("", "no"),
        ("\u0665", "no"),
        ("1_0", "no"),
        ("9" * 30, "no"),
        ("9" * 5000, "no"),
    ],
)
def test_a_range_takes_a_whole_number_of_64_bits(value: str, answer: str) -> None:
    assert asked({"range_match": {"start": "0", "end": "9223372036854775807"}}, value) == answer


@pytest.mark.parametrize("individually", [True, False])
def test_a_repeated_header_is_tried_by_value_or_joined(individually: bool) -> None:
    one, whole = {"string_match": {"exact": "v"}}, {"string_match": {"exact": "v,w"}}
    by_value, joined = ("yes", "no") if individually else ("no", "yes")
    assert asked(one, "v", "w", individually=individually) == by_value
    assert asked(whole, "v", "w", individually=individually) == joined
    assert asked({**one, **INVERT}, "v", "w", individually=individually) == joined
    assert asked({**one, **INVERT}, "w", "w", individually=individually) == "yes"


@pytest.mark.parametrize("name", ["accept", "user-agent", "x-forwarded-for", "referer", "content-type"])
def test_inline_headers_are_joined_in_every_release(name: str) -> None:
    assert asked({"string_match": {"exact": "v,w"}}, "v", "w", name=name) == "yes"
    assert asked({"string_match": {"exact": "v"}}, "v", "w", name=name) == "no"
    assert asked({"string_match": {"exact": "v"}}, "", "v", "", name=name) == "yes"


@pytest.mark.parametrize("name", ["accept-language", "cookie", "x-anything", "traceparent"])
def test_other_headers_keep_their_values(name: str) -> None:
    assert asked({"string_match": {"exact": "w"}}, "v", "w", name=name) == "yes"


def test_crumbs_of_http2_are_one_cookie_header() -> None:
    request = HttpRequest(headers=(("cookie", "a=1"), ("cookie", "b=2")), protocol="http2")
    assert header_values("cookie", request, NEW, individually=True) == ("a=1; b=2",)


def test_very_old_releases_see_the_first_value_alone() -> None:
    first = {"string_match": {"exact": "v"}}
    assert asked(first, "v", "w", individually=False, envoy=Envoy((1, 15, 0))) == "yes"
    assert asked(first, "v", "w", individually=False, envoy=Envoy((1, 15, 1))) == "no"


@pytest.mark.parametrize(
    ("name", "value"),
    [(":method", "POST"), (":path", "/a?q=1"), (":authority", "x"), ("host", "x"), ("HOST", "x"), (":scheme", "http")],
)
def test_pseudo_headers_and_the_alias_host(name: str, value: str) -> None:
    request = HttpRequest(method="POST", path="/a?q=1", authority="x")
    matcher = HeaderMatcher(name=name, string_match=StringMatcher(exact=value))
    assert header_matches(matcher, request, NEW, individually=True).is_yes
    assert header_matches(matcher, HttpRequest(scheme="https"), NEW, individually=True).is_no


def test_a_request_id_that_nobody_gave_is_unknown() -> None:
    assert asked({"present_match": True}, name="x-request-id") == "unknown"
    assert asked({"present_match": True}, "7", name="x-request-id") == "yes"


def test_a_custom_matcher_stays_unknown_when_inverted_unless_another_value_decides() -> None:
    custom = {"string_match": {"custom": {"name": "c"}}}
    assert asked({**custom, **INVERT}, "v") == "unknown"
    assert asked(custom) == "no"


@given(st.lists(st.sampled_from(["v", "w", ""]), min_size=1, max_size=3), st.sampled_from(["v", "w", ""]))
def test_inverting_a_present_header_negates_in_both_modes(values: list[str], wanted: str) -> None:
    plain = HeaderMatcher(name="h", string_match=StringMatcher(exact=wanted))
    inverted = HeaderMatcher(name="h", string_match=StringMatcher(exact=wanted), invert_match=True)
    request = HttpRequest(headers=tuple(("h", value) for value in values))
    for individually in (True, False):
        verdicts = [header_matches(m, request, NEW, individually=individually) for m in (plain, inverted)]
        assert {verdict.answer for verdict in verdicts} == {"yes", "no"}


@pytest.mark.parametrize(
    ("matcher", "values", "words"),
    [
        (EXACT, (), "header h is absent; exact 'v' was asked"),
        (EXACT, ("w",), "header h is 'w'; exact 'v' was asked"),
        ({**EXACT, **INVERT}, ("v",), "header h is 'v'; any value but exact 'v' was asked"),
        ({"present_match": False}, ("v",), "header h is 'v'; it was to be absent"),
        ({}, (), "header h is absent; it was to be present"),
        ({"prefix_match": "v"}, ("w", "x"), "header h is 'w' and 'x'; prefix 'v' was asked"),
        ({"range_match": {"start": 1, "end": 5}}, ("9",), "header h is '9'; a whole number in [1, 5) was asked"),
    ],
)
def test_the_words_name_what_would_have_to_change(matcher: dict[str, Any], values: tuple[str, ...], words: str) -> None:
    request = HttpRequest(headers=tuple(("h", value) for value in values))
    assert header_because(read(HeaderMatcher, {"name": "h", **matcher}), request) == words


@given(st.integers(), st.integers(-9, 9), st.integers(-9, 9))
def test_a_range_is_half_open(number: int, start: int, end: int) -> None:
    matcher = HeaderMatcher(name="h", range_match=Int64Range(start=start, end=end))
    request = HttpRequest(headers=(("h", str(number)),))
    assert header_matches(matcher, request, NEW, individually=True).is_yes == (start <= number < end)
