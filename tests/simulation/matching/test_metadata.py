from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Envoy
from meshscope.simulation.matching.filter_state import filter_state_because, filter_state_matches
from meshscope.simulation.matching.metadata import metadata_because, metadata_matches
from meshscope.xds.matcher import FilterStateMatcher, MetadataMatcher, StringMatcher

from ..reading import read

METADATA = {"f": {"s": "v", "n": 3, "b": True, "z": None, "l": ["v", 3, False], "deep": {"er": "v"}, "o": {}}}


def asked(key: str, value: dict[str, Any], **fields: Any) -> str:
    path = [{"key": part} for part in key.split(".")]
    matcher = read(MetadataMatcher, {"filter": "f", "path": path, "value": value, **fields})
    return metadata_matches(matcher, METADATA, Envoy()).answer


@pytest.mark.parametrize(
    ("value", "holds", "fails"),
    [
        ({"string_match": {"exact": "v"}}, "s", "n"),
        ({"string_match": {"exact": "v"}}, "deep.er", "deep"),
        ({"double_match": {"exact": 3}}, "n", "b"),
        ({"double_match": {"exact": "3"}}, "n", "s"),
        ({"double_match": {"range": {"start": 3, "end": 4}}}, "n", "missing"),
        ({"bool_match": True}, "b", "n"),
        ({"null_match": {}}, "z", "missing"),
        ({"present_match": True}, "z", "missing"),
        ({"present_match": True}, "o", "s.deeper"),
        ({"list_match": {"one_of": {"string_match": {"exact": "v"}}}}, "l", "s"),
        ({"list_match": {"one_of": {"double_match": {"exact": 3}}}}, "l", "n"),
        ({"list_match": {"one_of": {"bool_match": False}}}, "l", "b"),
        ({"or_match": {"value_matchers": [{"bool_match": True}, {"string_match": {"exact": "v"}}]}}, "s", "n"),
    ],
)
def test_a_value_of_another_kind_never_matches(value: dict[str, Any], holds: str, fails: str) -> None:
    assert asked(holds, value) == "yes"
    assert asked(fails, value) == "no"
    assert asked(holds, value, invert=True) == "no"
    assert asked(fails, value, invert=True) == "yes"


def test_present_match_false_matches_nothing() -> None:
    assert asked("s", {"present_match": False}) == asked("missing", {"present_match": False}) == "no"


def test_a_range_is_half_open() -> None:
    assert asked("n", {"double_match": {"range": {"start": 2, "end": 3}}}) == "no"


def test_what_does_not_read_is_unknown() -> None:
    assert asked("s", {"string_match": "v"}) == "unknown"
    assert asked("s", {}) == "unknown"


def test_the_words_name_what_would_have_to_change() -> None:
    path = [{"key": "deep"}, {"key": "x"}]
    matcher = read(MetadataMatcher, {"filter": "f", "path": path, "value": {"bool_match": True}})
    assert metadata_because(matcher, METADATA) == 'metadata f:deep.x is absent; {"bool_match": true} was asked'
    matcher = read(MetadataMatcher, {"filter": "f", "path": path, "value": {"string_match": {"exact": "v"}}})
    assert metadata_because(matcher, METADATA) == "metadata f:deep.x is absent; exact 'v' was asked"


def test_filter_state_that_nothing_sets_matches_nothing() -> None:
    matcher = FilterStateMatcher(key="k", string_match=StringMatcher(exact="v"))
    assert filter_state_matches(matcher, ()).is_no
    assert filter_state_matches(matcher, {"other"}).is_no
    assert filter_state_matches(matcher, {"k"}).is_unknown
    assert filter_state_because(matcher) == "filter state k is absent"
