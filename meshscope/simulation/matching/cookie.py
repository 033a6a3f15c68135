"""Cookies across all `cookie` headers: the first of a name counts; a missing one inverts to yes, unlike a header.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-cookiematcher
"""

from __future__ import annotations

from collections.abc import Mapping

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.matching.string import pattern_words, string_matches
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.matcher import CookieMatcher


def cookies(request: HttpRequest) -> Mapping[str, str]:
    """The first value of each name, without the double quotes around it; what has no `=` is passed over."""
    found: dict[str, str] = {}
    for header in request.values("cookie"):
        for pair in header.split(";"):
            name, equals, value = pair.partition("=")
            if equals:
                quoted = len(value) >= 2 and value[0] == value[-1] == '"'
                found.setdefault(name.lstrip(" "), value[1:-1] if quoted else value)
    return found


def cookie_matches(matcher: CookieMatcher, cookies: Mapping[str, str], envoy: Envoy) -> Verdict:
    if matcher.unread:
        return unknown(f"cookie {matcher.name}: {matcher.doubt}")
    value = cookies.get(matcher.name)
    verdict = NO if value is None else YES
    if value is not None and matcher.string_match:
        verdict = string_matches(matcher.string_match, value, envoy)
    return ~verdict if matcher.invert_match else verdict


def cookie_because(matcher: CookieMatcher, cookies: Mapping[str, str]) -> str:
    """Why a matcher does not hold, in words that name what would have to change."""
    value = cookies.get(matcher.name)
    there = "is absent" if value is None else f"is {value!r}"
    wants = pattern_words(matcher.string_match) if matcher.string_match else "a value"
    return f"cookie {matcher.name} {there}; {'anything but ' if matcher.invert_match else ''}{wants} was asked"
