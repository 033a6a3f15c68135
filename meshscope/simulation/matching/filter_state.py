"""FilterStateMatcher: an object that nothing sets is missing, and a missing object matches nothing.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/filter_state.proto
"""

from __future__ import annotations

from collections.abc import Container

from meshscope.simulation.verdict import NO, Verdict, unknown
from meshscope.xds.matcher import FilterStateMatcher


def filter_state_matches(matcher: FilterStateMatcher, settable: Container[str]) -> Verdict:
    """`settable` are the keys that a filter before this point may set; their values are not known."""
    if matcher.unread:
        return unknown(f"filter state {matcher.key}: {matcher.doubt}")
    return unknown(f"filter state {matcher.key} may be set by a filter") if matcher.key in settable else NO


def filter_state_because(matcher: FilterStateMatcher) -> str:
    return f"filter state {matcher.key} is absent"
