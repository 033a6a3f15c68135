"""Query parameters: names and values are compared undecoded, and the first of a name counts.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-queryparametermatcher
"""

from __future__ import annotations

from collections.abc import Mapping

from meshscope.simulation.connection import Envoy
from meshscope.simulation.guards import query_param_present_match
from meshscope.simulation.matching.string import pattern_words, string_matches
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.matcher import QueryParameterMatcher


def query_parameters(path: str) -> Mapping[str, str]:
    """The first value of each name of a `:path`; `?q` and `?q=` are empty values."""
    found: dict[str, str] = {}
    for pair in path.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        found.setdefault(name, value)
    return found


def query_matches(matcher: QueryParameterMatcher, parameters: Mapping[str, str], envoy: Envoy) -> Verdict:
    if matcher.unread:
        return unknown(f"query parameter {matcher.name}: {matcher.doubt}")
    value = parameters.get(matcher.name)
    if matcher.present_match is not None and query_param_present_match(envoy):
        return YES if (value is not None) == matcher.present_match else NO
    if value is None:
        return NO
    return string_matches(matcher.string_match, value, envoy) if matcher.string_match else YES


def query_because(matcher: QueryParameterMatcher, parameters: Mapping[str, str]) -> str:
    """Why a matcher does not hold, in words that name what would have to change."""
    value = parameters.get(matcher.name)
    there = "is absent" if value is None else f"is {value!r}"
    if matcher.string_match:
        return f"query parameter {matcher.name} {there}; {pattern_words(matcher.string_match)} was asked"
    wanted = "absent" if matcher.present_match is False else "present"
    return f"query parameter {matcher.name} {there}; it was to be {wanted}"
