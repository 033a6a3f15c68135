"""MetadataMatcher on metadata by filter name: a missing value is a plain no, which `invert` turns into yes.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/metadata.proto
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from meshscope.simulation.connection import Envoy
from meshscope.simulation.matching.string import pattern_words
from meshscope.simulation.matching.value import MISSING, value_at, value_matches
from meshscope.simulation.verdict import Verdict, unknown
from meshscope.xds.matcher import MetadataMatcher
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.value_matcher import ValueMatcher


def metadata_matches(matcher: MetadataMatcher, metadata: Mapping[str, Any], envoy: Envoy) -> Verdict:
    """`metadata` is dynamic metadata, or a route's `filter_metadata`; a value that does not read is unknown."""
    if matcher.unread:
        return unknown(f"metadata {matcher.filter}: {matcher.doubt}")
    wanted = _value_matcher(bytes(matcher.value))
    if isinstance(wanted, Undecodable):
        return unknown(f"{matcher}: {wanted.why}")
    value = value_at(metadata, matcher.filter, (segment.key for segment in matcher.path))
    verdict = value_matches(wanted, value, envoy)
    return ~verdict if matcher.invert else verdict


@lru_cache(maxsize=4096)
def _value_matcher(raw: bytes) -> ValueMatcher | Undecodable:
    return decode(raw or b"{}", ValueMatcher)


def metadata_because(matcher: MetadataMatcher, metadata: Mapping[str, Any]) -> str:
    """Why a matcher does not hold, in words that name what would have to change."""
    keys = [segment.key for segment in matcher.path]
    value = value_at(metadata, matcher.filter, keys)
    there = "is absent" if value is MISSING else f"is {value!r}"
    wanted = _value_matcher(bytes(matcher.value))
    if isinstance(wanted, Undecodable) or wanted.string_match is None:
        wants = bytes(matcher.value).decode("utf-8", "replace")
    else:
        wants = pattern_words(wanted.string_match)
    return f"metadata {matcher.filter}:{'.'.join(keys)} {there}; {'anything but ' if matcher.invert else ''}{wants} was asked"
