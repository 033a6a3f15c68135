"""ValueMatcher: what a metadata matcher asks of one JSON-like value.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/value.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.matcher import PathSegment, StringMatcher
from meshscope.xds.matcher_message import ExtensionMatcher, MatcherMessage, MatcherPart


class DoubleRange(MatcherPart, frozen=True):
    start: float = 0.0
    end: float = 0.0


class DoubleMatcher(MatcherPart, frozen=True):
    range: DoubleRange | None = None
    exact: float | None = None


class ListMatcher(MatcherPart, frozen=True):
    one_of: ValueMatcher | None = None


class OrMatcher(MatcherPart, frozen=True):
    value_matchers: tuple[ValueMatcher, ...] = ()


class ValueMatcher(MatcherMessage, frozen=True):
    """One of its fields is set."""

    null_match: Raw = Raw()
    double_match: DoubleMatcher | None = None
    string_match: StringMatcher | None = None
    bool_match: bool | None = None
    present_match: bool | None = None
    list_match: ListMatcher | None = None
    or_match: OrMatcher | None = None


class MetadataInputMatcher(ExtensionMatcher, frozen=True):
    """`envoy.extensions.matching.input_matchers.metadata.v3.Metadata`."""

    value: ValueMatcher = ValueMatcher()
    invert: bool = False


class DynamicMetadataInput(ExtensionMatcher, frozen=True):
    """`envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput`."""

    filter: str = ""
    path: tuple[PathSegment, ...] = ()
