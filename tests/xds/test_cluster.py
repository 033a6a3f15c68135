from __future__ import annotations

import json

import pytest

from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable, decode

AGGREGATE = "type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig"


def cluster(value: object) -> Cluster:
    found = decode(json.dumps(value).encode(), Cluster)
    assert isinstance(found, Cluster), found
    return found


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"name": "a", "type": "EDS", "eds_cluster_config": {"service_name": "b"}}, "b"),
        ({"name": "a", "type": "EDS", "eds_cluster_config": {"service_name": ""}}, "a"),
        ({"name": "a", "type": "EDS", "eds_cluster_config": {}}, "a"),
        ({"name": "a", "type": "EDS"}, "a"),
        ({"name": "a", "load_assignment": {"cluster_name": "irrelevant"}}, "a"),
        ({"name": "a", "alt_stat_name": "b"}, "a"),
    ],
)
def test_eds_is_asked_for_the_service_name_else_for_the_clusters(value: object, name: str) -> None:
    assert cluster(value).assignment_name == name


def test_an_aggregate_names_its_members_in_order() -> None:
    typed = {"name": "envoy.clusters.aggregate", "typed_config": {"@type": AGGREGATE, "clusters": ["b", "a"]}}
    found = cluster({"name": "x", "cluster_type": typed})
    assert (found.members, found.discovery_type) == (("b", "a"), "envoy.clusters.aggregate")


@pytest.mark.parametrize(
    "value",
    [
        {"name": "x", "type": "EDS"},
        {
            "name": "x",
            "cluster_type": {"name": "other", "typed_config": {"@type": "t/example.Other", "clusters": ["a"]}},
        },
        {"name": "x", "cluster_type": {"name": "bad", "typed_config": {"@type": AGGREGATE, "clusters": 3}}},
    ],
)
def test_other_clusters_have_no_members(value: object) -> None:
    assert cluster(value).members == ()


def test_the_discovery_type_is_static_where_none_is_given() -> None:
    assert cluster({"name": "a"}).discovery_type == "STATIC"
    assert cluster({"name": "a", "type": "EDS"}).discovery_type == "EDS"


def test_sockets_are_the_matches_in_order_and_then_the_clusters_own() -> None:
    socket = {"name": "s"}
    matches = [{"name": "m", "match": {"tlsMode": "istio"}, "transport_socket": socket}, {"name": "bare"}]
    found = cluster({"name": "a", "transport_socket_matches": matches, "transport_socket": socket})
    assert [path for path, _ in found.sockets()] == [
        ("transport_socket_matches", 0, "transport_socket"),
        ("transport_socket",),
    ]
    assert found.transport_socket_matches[0].match == {"tlsMode": "istio"}
    assert cluster({"name": "a"}).sockets() == ()


def test_numbers_may_be_written_as_text() -> None:
    thresholds = [{"max_connections": "4294967295", "priority": "HIGH"}]
    found = cluster({"name": "a", "circuit_breakers": {"thresholds": thresholds}})
    assert found.circuit_breakers.thresholds[0].max_connections == 4294967295
    assert found.circuit_breakers.thresholds[0].max_requests is None


@pytest.mark.parametrize(
    "text", [b"", b"3", b"null", b'{"name":[]}', b'{"type":{}}', b"{" * 100_000, b'{"name":"\xff"}']
)
def test_what_is_no_cluster_says_why(text: bytes) -> None:
    found = decode(text, Cluster)
    assert isinstance(found, Undecodable)
    assert "\n" not in found.why
