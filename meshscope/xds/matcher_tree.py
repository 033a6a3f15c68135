"""The generic matcher tree, and the matchers that may stand in it; how they read, not how they decide.

https://www.envoyproxy.io/docs/envoy/latest/xds/type/matcher/v3/matcher.proto
"""

from __future__ import annotations

from meshscope.xds.address import CidrRange
from meshscope.xds.extension import Extension
from meshscope.xds.matcher import StringMatcher
from meshscope.xds.matcher_message import ExtensionMatcher, MatcherMessage, MatcherPart
from meshscope.xds.message import Message


class OnMatch(MatcherMessage, frozen=True):
    """One of `matcher` and `action` is set."""

    matcher: Matcher | None = None
    action: Extension | None = None
    keep_matching: bool = False


class SinglePredicate(MatcherMessage, frozen=True):
    input: Extension = Extension()
    value_match: StringMatcher | None = None
    custom_match: Extension | None = None


class PredicateList(MatcherPart, frozen=True):
    predicate: tuple[Predicate, ...] = ()


class Predicate(MatcherMessage, frozen=True):
    """One of its fields is set."""

    single_predicate: SinglePredicate | None = None
    or_matcher: PredicateList | None = None
    and_matcher: PredicateList | None = None
    not_matcher: Predicate | None = None


class FieldMatcher(MatcherMessage, frozen=True):
    predicate: Predicate = Predicate()
    on_match: OnMatch = OnMatch()


class MatcherList(MatcherPart, frozen=True):
    matchers: tuple[FieldMatcher, ...] = ()


class MatchMap(MatcherPart, frozen=True):
    map: dict[str, OnMatch] = {}


class MatcherTree(MatcherMessage, frozen=True):
    """One of the maps or `custom_match` is set."""

    input: Extension = Extension()
    exact_match_map: MatchMap | None = None
    prefix_match_map: MatchMap | None = None
    custom_match: Extension | None = None


class Matcher(MatcherMessage, frozen=True):
    """One of `matcher_list` and `matcher_tree` is set."""

    matcher_list: MatcherList | None = None
    matcher_tree: MatcherTree | None = None
    on_no_match: OnMatch | None = None


class IpRangeMatcher(MatcherPart, frozen=True):
    ranges: tuple[CidrRange, ...] = ()
    on_match: OnMatch = OnMatch()
    exclusive: bool = False


class IpMatcher(ExtensionMatcher, frozen=True):
    """`xds.type.matcher.v3.IPMatcher`."""

    range_matchers: tuple[IpRangeMatcher, ...] = ()


class DomainMatcher(MatcherPart, frozen=True):
    domains: tuple[str, ...] = ()
    on_match: OnMatch = OnMatch()


class ServerNameMatcher(ExtensionMatcher, frozen=True):
    """`xds.type.matcher.v3.ServerNameMatcher`."""

    domain_matchers: tuple[DomainMatcher, ...] = ()


class IpInputMatcher(ExtensionMatcher, frozen=True):
    """`envoy.extensions.matching.input_matchers.ip.v3.Ip`."""

    cidr_ranges: tuple[CidrRange, ...] = ()
    stat_prefix: str = ""


class ConsistentHashing(ExtensionMatcher, frozen=True):
    """`envoy.extensions.matching.input_matchers.consistent_hashing.v3.ConsistentHashing`."""

    threshold: int = 0
    modulo: int = 0
    seed: int = 0


class MatcherClusterSpecifier(Message, frozen=True):
    """https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/router/cluster_specifiers/matcher/v3/matcher.proto"""

    cluster_matcher: Matcher = Matcher()
