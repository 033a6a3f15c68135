from __future__ import annotations

import pytest

from meshscope.xds.matcher import (
    CookieMatcher,
    FilterStateMatcher,
    HeaderMatcher,
    MetadataMatcher,
    QueryParameterMatcher,
    StringMatcher,
)
from meshscope.xds.message import Message, decode


def shown(text: str, kind: type[Message]) -> str:
    found = decode(text.encode(), kind)
    assert isinstance(found, kind), found
    return str(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"exact":"a"}', "=a"),
        ('{"exact":""}', "="),
        ('{"prefix":"a"}', "^=a"),
        ('{"suffix":"a"}', "$=a"),
        ('{"contains":"a"}', "*=a"),
        ('{"safe_regex":{"google_re2":{},"regex":"a.*"}}', "~a.*"),
        ('{"safe_regex":{}}', "~"),
        ('{"custom":{"name":"n","typed_config":{"@type":"t/x.Y"}}}', "custom x.Y"),
        ('{"exact":"a","ignore_case":true}', "=a (any case)"),
        ("{}", ""),
    ],
)
def test_a_string_matcher_is_a_sign_and_its_text(text: str, expected: str) -> None:
    assert shown(text, StringMatcher) == expected


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ('"string_match":{"prefix":"a"}', "h^=a"),
        ('"exact_match":"a"', "h=a"),
        ('"prefix_match":"a"', "h^=a"),
        ('"suffix_match":"a"', "h$=a"),
        ('"contains_match":"a"', "h*=a"),
        ('"safe_regex_match":{"regex":"a"}', "h~a"),
        ('"range_match":{"start":"1","end":"9"}', "h in [1,9)"),
        ('"present_match":true', "h"),
        ('"present_match":false', "h absent"),
        ('"invert_match":true,"exact_match":"a"', "not h=a"),
        ('"invert_match":false', "h"),
    ],
)
def test_a_header_matcher_reads_the_same_in_its_old_and_new_spelling(specifier: str, expected: str) -> None:
    assert shown(f'{{"name":"h",{specifier}}}', HeaderMatcher) == expected


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ('{"name":"q","string_match":{"exact":"a"}}', QueryParameterMatcher, "?q=a"),
        ('{"name":"q","present_match":true}', QueryParameterMatcher, "?q"),
        ('{"name":"q","present_match":false}', QueryParameterMatcher, "?q absent"),
        ('{"name":"c","string_match":{"exact":"a"},"invert_match":true}', CookieMatcher, "not cookie c=a"),
        ('{"name":"c"}', CookieMatcher, "cookie c"),
        ('{"filter":"f","path":[{"key":"a"},{"key":"b"}],"invert":true}', MetadataMatcher, "not metadata f:a.b"),
        ('{"key":"k","string_match":{"exact":"a"}}', FilterStateMatcher, "filter state k=a"),
    ],
)
def test_other_matchers_name_what_they_look_at(text: str, kind: type[Message], expected: str) -> None:
    assert shown(text, kind) == expected
