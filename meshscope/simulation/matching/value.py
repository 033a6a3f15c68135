"""ValueMatcher on one JSON-like value; a value of another kind than asked for never matches.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/value.proto
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from meshscope.simulation.connection import Envoy
from meshscope.simulation.matching.string import string_matches
from meshscope.simulation.verdict import NO, YES, Verdict, any_of, unknown
from meshscope.xds.message import present
from meshscope.xds.value_matcher import DoubleMatcher, ValueMatcher

MISSING: Any = object()
"""Not there at all, which is not null."""


def value_at(metadata: Mapping[str, Any], namespace: str, keys: Iterable[str]) -> Any:
    """The value under a filter's name and a path through nested structs; MISSING where it breaks off."""
    value: Any = metadata.get(namespace, MISSING)
    path = tuple(keys)
    for key in path:
        value = value.get(key, MISSING) if isinstance(value, Mapping) else MISSING
    return value if path else MISSING


def value_matches(matcher: ValueMatcher, value: Any, envoy: Envoy) -> Verdict:
    """Unknown for a pattern that cannot be decided: a custom string matcher, a refused regex, none at all."""
    if matcher.unread:
        return unknown(matcher.doubt)
    if matcher.present_match is not None:
        return YES if matcher.present_match and value is not MISSING else NO
    if matcher.or_match is not None:
        return any_of(value_matches(one, value, envoy) for one in matcher.or_match.value_matchers)
    if matcher.list_match is not None:
        one_of = matcher.list_match.one_of
        items = value if isinstance(value, (list, tuple)) and one_of else ()
        return any_of(value_matches(one_of, item, envoy) for item in items if one_of)
    if matcher.string_match is not None:
        return string_matches(matcher.string_match, value, envoy) if isinstance(value, str) else NO
    return _plain_matches(matcher, value)


def _plain_matches(matcher: ValueMatcher, value: Any) -> Verdict:
    if matcher.bool_match is not None:
        holds = value is matcher.bool_match
    elif matcher.double_match is not None:
        holds = _is_number(value) and _double_matches(matcher.double_match, value)
    elif present(matcher.null_match):
        holds = value is None
    else:
        return unknown("value matcher without a pattern")
    return YES if holds else NO


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _double_matches(matcher: DoubleMatcher, value: float) -> bool:
    if matcher.range is not None:
        return matcher.range.start <= value < matcher.range.end
    return value == matcher.exact
