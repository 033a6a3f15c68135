"""HeaderMatcher on a request: envoy's truth table for missing, repeated and inverted headers.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher
"""

from __future__ import annotations

import re

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.guards import sees_all_header_values
from meshscope.simulation.headers.inline import CLIENT_CERT, GAP, INLINE, is_hidden
from meshscope.simulation.matching.string import pattern_words, string_matches
from meshscope.simulation.verdict import NO, YES, Verdict, any_of, unknown
from meshscope.xds.matcher import HeaderMatcher, Int64Range, StringMatcher

GENERATED = "x-request-id"
"""Envoy generates it before it routes (`generate_request_id`): neither its value nor whether it is there is known."""
GENERATES = f"Envoy generates {GENERATED} unless its configuration says otherwise"


_INTEGER = r"(?a)[ \t\n\v\f\r]*([+-]?[0-9]+)[ \t\n\v\f\r]*"
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def header_matches(matcher: HeaderMatcher, request: HttpRequest, envoy: Envoy, *, individually: bool) -> Verdict:
    """`individually`: each value of a repeated header is tried on its own (guards.py says when), else they are joined."""
    if matcher.unread:
        return unknown(f"header {matcher.name}: {matcher.doubt}")
    values = header_values(matcher.name, request, envoy, individually=individually)
    if is_hidden(matcher.name, request.hidden) and not (values and _asks_presence(matcher, matcher.string)):
        return unknown(f"what a filter writes into header {matcher.name} is not known")
    if not values:
        if matcher.name.lower() == GENERATED:
            return unknown(GENERATES)
        if matcher.treat_missing_header_as_empty:
            values = ("",)
    string = matcher.string
    if values and GAP in values[0] and matcher.name.lower() == CLIENT_CERT:
        verdict = _partial(matcher, string, values[0], envoy)
    elif _asks_presence(matcher, string):
        verdict = YES if bool(values) == (matcher.present_match is not False) else NO
    elif not values:
        return NO  # whatever invert_match says
    elif len(values) == 1:
        verdict = _value_matches(matcher, string, values[0], envoy)
    else:
        verdict = any_of(_value_matches(matcher, string, value, envoy) for value in values)
    return ~verdict if matcher.invert_match else verdict


def header_values(name: str, request: HttpRequest, envoy: Envoy, *, individually: bool) -> tuple[str, ...]:
    """The values that a matcher tries one by one; () for a missing header. At most one unless `individually`."""
    values = request.values(name)
    if len(values) < 2:
        return values
    name = name.lower()
    if name == "cookie" and request.protocol != "http1":
        return ("; ".join(values),)  # HTTP/2 sends each cookie in a header of its own
    if name in INLINE:
        return (",".join(filter(None, values)),)  # an empty value adds no comma to an inline header
    if not individually and sees_all_header_values(envoy):
        return (",".join(values),)
    return values if individually else values[:1]


def _asks_presence(matcher: HeaderMatcher, string: StringMatcher | None) -> bool:
    """Without any specifier a matcher asks for presence. `string` is the matcher's own."""
    return matcher.present_match is not None or (string is None and matcher.range_match is None)


def _value_matches(matcher: HeaderMatcher, string: StringMatcher | None, value: str, envoy: Envoy) -> Verdict:
    if matcher.range_match is not None:
        return YES if _in_range(matcher.range_match, value) else NO
    if string is None or matcher.exact_match == "":  # an empty one takes any value
        return YES
    return string_matches(string, value, envoy)


def _partial(matcher: HeaderMatcher, string: StringMatcher | None, value: str, envoy: Envoy) -> Verdict:
    from meshscope.simulation.matching.partial_text import partial_matches  # few rules look at this header

    if value == GAP:
        return unknown(f"what Envoy makes of {CLIENT_CERT} is not known")
    if _asks_presence(matcher, string):
        return NO if matcher.present_match is False else YES
    if matcher.range_match is not None:
        return NO
    if string is None or matcher.exact_match == "":
        return YES
    return partial_matches(string, value, envoy)


def _in_range(asked_for: Int64Range, value: str) -> bool:
    found = re.fullmatch(_INTEGER, value)
    number = int(found[1]) if found and len(found[1]) < 100 else _HIGHEST + 1
    return _LOWEST <= number <= _HIGHEST and asked_for.start <= number < asked_for.end


def header_because(matcher: HeaderMatcher, request: HttpRequest) -> str:
    """Why a matcher does not hold, in words that name what would have to change."""
    values = request.values(matcher.name)
    there = "is absent" if not values else "is " + " and ".join(map(repr, values))
    string = matcher.string
    if _asks_presence(matcher, string):
        wants_it = (matcher.present_match is not False) != matcher.invert_match
        return f"header {matcher.name} {there}; it was to be {'present' if wants_it else 'absent'}"
    if matcher.range_match is not None:
        wants = f"a whole number in [{matcher.range_match.start}, {matcher.range_match.end})"
    else:
        wants = pattern_words(string or StringMatcher())
    if not matcher.invert_match:
        return f"header {matcher.name} {there}; {wants} was asked"
    return f"header {matcher.name} {there}; any value but {wants} was asked"
