"""The protocol of a cluster, by its port, the mesh's settings and a rule."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from meshscope.effect.clusters.connection_limits import HTTP2, OF_CLIENT, PROTOCOL, STREAMS
from meshscope.effect.clusters.made_facts import made_facts
from meshscope.effect.configuration import Configuration
from meshscope.istio.mesh_config import MeshConfig
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import protocol_of

from .. import recorded
from ..recorded import Json


@pytest.mark.parametrize(
    ("name", "http", "mesh", "protocol"),
    [
        ("http", {}, "", ""),
        ("http", {}, "UPGRADE", HTTP2),
        ("http", {"h2UpgradePolicy": "DO_NOT_UPGRADE"}, "UPGRADE", ""),
        ("http", {"h2UpgradePolicy": "UPGRADE"}, "", HTTP2),
        ("http", {"useClientProtocol": True}, "UPGRADE", OF_CLIENT),
        ("http", {"useClientProtocol": True, "h2UpgradePolicy": "UPGRADE"}, "", OF_CLIENT),
        ("grpc", {}, "", HTTP2),
        ("grpc", {"useClientProtocol": True}, "", OF_CLIENT),
        ("tcp", {}, "UPGRADE", ""),
        ("", {}, "UPGRADE", OF_CLIENT),
        ("", {"h2UpgradePolicy": "UPGRADE"}, "", HTTP2),
    ],
)
def test_the_protocol_of_a_cluster(name: str, http: Json, mesh: str, protocol: str) -> None:
    policy = msgspec.convert({"connectionPool": {"http": {"maxConcurrentStreams": 3, **http}}}, TrafficPolicy)
    configuration = Configuration(recorded.mesh("services"))
    configuration.__dict__["captured_settings"] = replace(MeshConfig(), h2_upgrade_policy=mesh)
    (client,) = [one for one in configuration.clients if one.name.startswith("sleep")]
    facts = made_facts(configuration, client, protocol_of(9000, name), policy)
    assert facts.get(PROTOCOL, "") == protocol
    assert (STREAMS in facts) is (protocol == HTTP2)


def test_a_workload_is_spoken_to_in_the_protocol_of_its_port() -> None:
    policy = msgspec.convert({"connectionPool": {"http": {"h2UpgradePolicy": "UPGRADE"}}}, TrafficPolicy)
    configuration = Configuration(recorded.mesh("services"))
    client = configuration.clients[0]
    assert made_facts(configuration, client, protocol_of(9000, "http"), policy, is_inbound=True) == {}
    assert made_facts(configuration, client, protocol_of(9000, "grpc"), policy, is_inbound=True) == {PROTOCOL: HTTP2}


def test_a_balancer_that_cannot_start_slowly_does_not() -> None:
    slow = {"warmup": {"duration": "1m"}}
    configuration = Configuration(recorded.mesh("services"))
    for balancer, starts in (("RANDOM", False), ("ROUND_ROBIN", True)):
        policy = msgspec.convert({"loadBalancer": {"simple": balancer, **slow}}, TrafficPolicy)
        facts = made_facts(configuration, configuration.clients[0], protocol_of(9000, "http"), policy)
        assert any(field.startswith("slow_start") for field in facts) is starts
