"""HeaderMatcher on a request: envoy's truth table for missing, repeated and inverted headers.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher
"""

from __future__ import annotations

import re

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.guards import sees_all_header_values
from meshscope.simulation.headers.inline import CLIENT_CERT, GAP, INLINE
from meshscope.simulation.matching.string import asked, regex_matches, string_matches
from meshscope.simulation.verdict import NO, YES, Verdict, any_of, unknown
from meshscope.xds.matcher import HeaderMatcher, Int64Range, StringMatcher

GENERATED = "x-request-id"
"""Envoy makes one up before it routes (`generate_request_id`), so that nobody knows its value, or whether there is one."""


_INTEGER = r"(?a)[ \t\n\v\f\r]*([+-]?[0-9]+)[ \t\n\v\f\r]*"
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def header_matches(matcher: HeaderMatcher, request: HttpRequest, envoy: Envoy, *, individually: bool) -> Verdict:
    """`individually`: each value of a repeated header is tried on its own (guards.py tells when), else they are joined."""
    if matcher.unread:
        return unknown(f"header {matcher.name}: {matcher.doubt}")
    values = header_values(matcher.name, request, envoy, individually=individually)
    if not values:
        if matcher.name.lower() == GENERATED:
            return unknown(f"Envoy generates {GENERATED} unless it is told not to")
        if matcher.treat_missing_header_as_empty:
            values = ("",)
    if values and GAP in values[0] and matcher.name.lower() == CLIENT_CERT:
        verdict = _partial(matcher, values[0], envoy)
    elif _asks_presence(matcher):
        verdict = YES if bool(values) == (matcher.present_match is not False) else NO
    elif not values:
        return NO  # whatever invert_match says
    elif len(values) == 1:
        verdict = _value_matches(matcher, values[0], envoy)
    else:
        verdict = any_of(_value_matches(matcher, value, envoy) for value in values)
    return ~verdict if matcher.invert_match else verdict


def header_values(name: str, request: HttpRequest, envoy: Envoy, *, individually: bool) -> tuple[str, ...]:
    """The values that a matcher tries one by one; () for a missing header. At most one unless `individually`."""
    values = request.values(name)
    if len(values) < 2:
        return values
    name = name.lower()
    if name == "cookie" and request.protocol != "http1":
        return ("; ".join(values),)  # the crumbs of HTTP/2
    if name in INLINE:
        return (",".join(filter(None, values)),)  # an empty value adds no comma to what is held once
    if not individually and sees_all_header_values(envoy):
        return (",".join(values),)
    return values if individually else values[:1]


def _asks_presence(matcher: HeaderMatcher) -> bool:
    """Without any specifier a matcher asks for presence."""
    return matcher.present_match is not None or (
        matcher.string_match is None
        and matcher.exact_match is None
        and matcher.prefix_match is None
        and matcher.suffix_match is None
        and matcher.contains_match is None
        and matcher.safe_regex_match is None
        and matcher.range_match is None
    )


def _value_matches(matcher: HeaderMatcher, value: str, envoy: Envoy) -> Verdict:
    if matcher.string_match is not None:
        return string_matches(matcher.string_match, value, envoy)
    if matcher.range_match is not None:
        return YES if _in_range(matcher.range_match, value) else NO
    if matcher.safe_regex_match is not None:
        return regex_matches(matcher.safe_regex_match, value, envoy)
    if matcher.exact_match is not None:  # an empty one takes any value
        return YES if matcher.exact_match in ("", value) else NO
    return string_matches(_older(matcher), value, envoy)


def _partial(matcher: HeaderMatcher, value: str, envoy: Envoy) -> Verdict:
    from meshscope.simulation.matching.partial_text import partial_matches  # few rules look at this header

    if value == GAP:
        return unknown(f"nobody knows what Envoy makes of {CLIENT_CERT}")
    if _asks_presence(matcher):
        return NO if matcher.present_match is False else YES
    if matcher.range_match is not None:
        return NO
    if matcher.exact_match == "":
        return YES
    return partial_matches(matcher.string_match or _older(matcher), value, envoy)


def _in_range(asked_for: Int64Range, value: str) -> bool:
    found = re.fullmatch(_INTEGER, value)
    number = int(found[1]) if found and len(found[1]) < 100 else _HIGHEST + 1
    return _LOWEST <= number <= _HIGHEST and asked_for.start <= number < asked_for.end


def _older(matcher: HeaderMatcher) -> StringMatcher:
    """The older spellings as the string matcher that they stand for."""
    return StringMatcher(
        exact=matcher.exact_match,
        prefix=matcher.prefix_match,
        suffix=matcher.suffix_match,
        contains=matcher.contains_match,
        safe_regex=matcher.safe_regex_match,
    )


def header_because(matcher: HeaderMatcher, request: HttpRequest) -> str:
    """Why a matcher does not hold, in words that name what would have to change."""
    values = request.values(matcher.name)
    there = "is absent" if not values else "is " + " and ".join(map(repr, values))
    if _asks_presence(matcher):
        wants_it = (matcher.present_match is not False) != matcher.invert_match
        return f"header {matcher.name} {there}; it was to be {'present' if wants_it else 'absent'}"
    if matcher.range_match is not None:
        wants = f"a whole number in [{matcher.range_match.start}, {matcher.range_match.end})"
    else:
        wants = asked(matcher.string_match or _older(matcher))
    if not matcher.invert_match:
        return f"header {matcher.name} {there}; {wants} was asked"
    return f"header {matcher.name} {there}; any value but {wants} was asked"
