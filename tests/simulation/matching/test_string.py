from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy
from meshscope.simulation.matching.string import ascii_lower, pattern_words, regex_matches, string_matches
from meshscope.xds.matcher import RegexMatcher, StringMatcher

from ..reading import read

BEFORE_LATIN1 = Envoy((1, 39, 0))
LATIN1 = Envoy((1, 39, 1))


@pytest.mark.parametrize(
    ("matcher", "holds", "fails"),
    [
        ({"exact": "jason"}, "jason", "Jason"),
        ({"exact": "jason", "ignore_case": True}, "JASON", "jaso"),
        ({"exact": ""}, "", " "),
        ({"prefix": "/a"}, "/ab", "a/a"),
        ({"prefix": "/A", "ignore_case": True}, "/ab", "/b"),
        ({"suffix": ".com"}, "a.com", "a.com."),
        ({"suffix": ".COM", "ignore_case": True}, "a.com", "acom"),
        ({"contains": "b"}, "abc", "ac"),
        ({"contains": "B", "ignore_case": True}, "abc", "ac"),
        ({"safe_regex": {"regex": "a|ab"}}, "ab", "abc"),
        ({"safe_regex": {"regex": "(?i)ab"}}, "AB", "A"),
        ({"safe_regex": {"regex": "a.b"}}, "a-b", "a\nb"),
    ],
)
def test_a_pattern_takes_the_whole_value(matcher: dict[str, Any], holds: str, fails: str) -> None:
    wanted = read(StringMatcher, matcher)
    assert string_matches(wanted, holds).is_yes
    assert string_matches(wanted, fails).is_no


@given(st.text(), st.text())
def test_case_is_that_of_ascii_alone(value: str, other: str) -> None:
    matcher = StringMatcher(exact=other, ignore_case=True)
    lowered = "".join(c.lower() if c.isascii() else c for c in value)
    assert ascii_lower(value) == lowered
    assert string_matches(matcher, value).is_yes == (lowered == ascii_lower(other))


@given(st.text())
def test_ignoring_case_never_loses_a_match(value: str) -> None:
    for matcher in (StringMatcher(exact=value), StringMatcher(prefix=value[:2]), StringMatcher(contains=value[1:])):
        assert string_matches(matcher, value).is_yes
    assert string_matches(StringMatcher(suffix=value[-2:].upper(), ignore_case=True), ascii_lower(value)).is_yes or (
        not value.isascii()
    )


def test_a_regex_that_re2_refuses_is_unknown_with_its_reason() -> None:
    verdict = regex_matches(RegexMatcher(regex="a(?=b)"), "ab")
    assert verdict.is_unknown
    assert "(?=" in verdict.because


def test_a_custom_matcher_is_unknown_with_its_type() -> None:
    custom = {
        "name": "lua",
        "typed_config": {"@type": "type.googleapis.com/envoy.extensions.string_matcher.lua.v3.Lua"},
    }
    verdict = string_matches(read(StringMatcher, {"custom": custom}), "x")
    assert verdict.is_unknown
    assert "envoy.extensions.string_matcher.lua.v3.Lua" in verdict.because
    assert string_matches(StringMatcher(), "x").is_unknown


def test_releases_since_august_2026_match_bytes_and_older_ones_characters() -> None:
    one, two = RegexMatcher(regex="."), RegexMatcher(regex="..")
    assert regex_matches(one, "é", BEFORE_LATIN1).is_yes
    assert regex_matches(one, "é", LATIN1).is_no
    assert regex_matches(two, "é", LATIN1).is_yes
    assert regex_matches(one, "e", LATIN1).is_yes
    reverted = Envoy((1, 40, 0), {"envoy.reloadable_features.re2_use_latin1_mode": False})
    assert regex_matches(one, "é", reverted).is_yes


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_matches_alike_in_every_release(value: str) -> None:
    for regex in ("[a-z]*", ".*", r"\w+", "[^x]?"):
        matcher = RegexMatcher(regex=regex)
        assert regex_matches(matcher, value, LATIN1) == regex_matches(matcher, value, BEFORE_LATIN1)


def test_a_value_that_is_no_unicode_is_no_error() -> None:
    assert regex_matches(RegexMatcher(regex="a"), "\ud800").is_no


@pytest.mark.parametrize(
    ("matcher", "words"),
    [
        (StringMatcher(exact="jason"), "exact 'jason'"),
        (StringMatcher(prefix="/a", ignore_case=True), "prefix '/a' (any case)"),
        (StringMatcher(safe_regex=RegexMatcher(regex="a.*")), "regex 'a.*'"),
    ],
)
def test_a_pattern_is_named_in_the_words_of_its_field(matcher: StringMatcher, words: str) -> None:
    assert pattern_words(matcher) == words
