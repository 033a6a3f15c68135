from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.overlay.patches.merging import UnmergeableError, alike, merged, merged_filter

CLUSTER = "envoy.config.cluster.v3.Cluster"
ROUTE = "envoy.config.route.v3.Route"
ROUTER = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


@pytest.mark.parametrize(
    ("message", "whole", "patch", "expected"),
    [
        (CLUSTER, {"connect_timeout": "10s"}, {"connect_timeout": "1.5s"}, {"connect_timeout": "1.5s"}),
        (CLUSTER, {"connect_timeout": "10s"}, {"connect_timeout": "0s"}, {"connect_timeout": "0s"}),
        (CLUSTER, {"lb_policy": "RANDOM"}, {"lb_policy": "ROUND_ROBIN"}, {"lb_policy": "RANDOM"}),
        (CLUSTER, {"respect_dns_ttl": True}, {"respect_dns_ttl": False}, {"respect_dns_ttl": True}),
        (
            CLUSTER,
            {"ring_hash_lb_config": {"minimum_ring_size": 7}},
            {"maglev_lb_config": {"table_size": 5}},
            {"maglev_lb_config": {"table_size": 5}},
        ),
        (
            CLUSTER,
            {"ring_hash_lb_config": {"minimum_ring_size": 7}},
            {"ring_hash_lb_config": {"maximum_ring_size": 9}},
            {"ring_hash_lb_config": {"minimum_ring_size": 7, "maximum_ring_size": 9}},
        ),
        (
            CLUSTER,
            {"circuit_breakers": {"thresholds": [{"max_connections": 1}]}},
            {"circuit_breakers": {"thresholds": [{"max_connections": 2}]}},
            {"circuit_breakers": {"thresholds": [{"max_connections": 1}, {"max_connections": 2}]}},
        ),
        (
            CLUSTER,
            {"typed_extension_protocol_options": {OPTIONS: {"@type": f"x/{OPTIONS}", "auto_config": {}}, "b": {}}},
            {"typed_extension_protocol_options": {OPTIONS: {"@type": f"x/{OPTIONS}"}}},
            {"typed_extension_protocol_options": {OPTIONS: {"@type": f"x/{OPTIONS}"}, "b": {}}},
        ),
        (
            CLUSTER,
            {"metadata": {"filter_metadata": {"istio": {"a": 1, "b": 2}, "c": {}}}},
            {"metadata": {"filter_metadata": {"istio": {"a": 3}}}},
            {"metadata": {"filter_metadata": {"istio": {"a": 3}, "c": {}}}},
        ),
        (
            ROUTE,
            {"route": {"cluster": "a", "timeout": "1s"}},
            {"route": {"weighted_clusters": {"clusters": []}}},
            {"route": {"timeout": "1s", "weighted_clusters": {"clusters": []}}},
        ),
        (
            ROUTE,
            {"route": {"cluster": "a"}},
            {"direct_response": {"status": 200}},
            {"direct_response": {"status": 200}},
        ),
    ],
)
def test_a_merge_is_protobufs(message: str, whole: Any, patch: Any, expected: Any) -> None:
    assert merged(whole, patch, message) == expected


@pytest.mark.parametrize(
    ("message", "patch", "why"),
    [
        (CLUSTER, {"conect_timeout": "1s"}, "Cluster has no field conect_timeout"),
        ("some.Thing", {"a": 1}, "how a Thing is merged is not modelled"),
    ],
)
def test_what_is_not_known_is_said(message: str, patch: Any, why: str) -> None:
    with pytest.raises(UnmergeableError, match=why):
        merged({}, patch, message)


def test_of_a_filter_the_configuration_is_merged() -> None:
    own = {"name": "r", "typed_config": {"@type": ROUTER, "dynamic_stats": True}}
    patch = {"name": "x", "typed_config": {"@type": ROUTER, "start_child_span": True}, "is_optional": True}
    both = {"@type": ROUTER, "dynamic_stats": True, "start_child_span": True}
    assert merged_filter(own, patch) == {"name": "x", "typed_config": both}
    assert merged_filter(own, {"name": "y"}) == {**own, "name": "y"}
    assert merged_filter({"name": "r", "config_discovery": {}}, patch) == {"name": "r", "config_discovery": {}}
    with pytest.raises(UnmergeableError):
        merged_filter(own, {"typed_config": {"@type": "a/b.Other"}})


VALUES = st.recursive(
    st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "1s", "1.000s"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=5,
)


@given(VALUES, VALUES)
def test_bodies_are_alike_both_ways(one: Any, other: Any) -> None:
    assert alike(one, one)
    assert alike(one, other) == alike(other, one)


def test_spellings_are_alike_and_values_are_not() -> None:
    assert alike({"a": "1.500s", "b": 0, "n": "5"}, {"a": "1.5s", "n": 5})
    assert not alike({"a": {}}, {})
    assert not alike({"a": 1}, {"a": True})
    assert not alike([1, 2], [2, 1])
