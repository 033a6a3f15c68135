"""Balancers and the detection of outliers: as a rule says them, and as a cluster has them."""

from __future__ import annotations

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.clusters.expected import policy_facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import decode

from .. import recorded
from ..recorded import Json

APP = "DestinationRule default/app"
SLOW = {
    "loadBalancer": {"simple": "ROUND_ROBIN", "warmup": {"duration": "30s", "aggression": 1.5, "minimumPercent": 25}}
}
LOCAL = {"outlierDetection": {"splitExternalLocalOriginErrors": True, "consecutiveLocalOriginFailures": 4}}
RING = {"consistentHash": {"useSourceIp": True}}


def slow_start(**held: object) -> Json:
    return {
        "lb_policy": "ROUND_ROBIN",
        "round_robin_lb_config": {"slow_start_config": {"slow_start_window": "30s", **held}},
    }


@pytest.mark.parametrize(
    ("policy", "held", "other"),
    [
        ({"loadBalancer": {"consistentHash": {"useSourceIp": True, "maglev": {"tableSize": 101}}}},
         {"lb_policy": "MAGLEV", "maglev_lb_config": {"table_size": "101"}}, {"lb_policy": "MAGLEV"}),
        ({"loadBalancer": {"consistentHash": {"useSourceIp": True, "maglev": {}}}}, {"lb_policy": "MAGLEV"}, {}),
        ({"loadBalancer": {"consistentHash": {"useSourceIp": True, "ringHash": {"minimumRingSize": 1024}}}},
         {"lb_policy": "RING_HASH"}, {"lb_policy": "RING_HASH", "ring_hash_lb_config": {"minimum_ring_size": 2048}}),
        (SLOW, slow_start(aggression={"default_value": 1.5}, min_weight_percent={"value": 25}),
         slow_start(aggression={"default_value": 1.5})),
        ({"loadBalancer": {"simple": "ROUND_ROBIN", "warmup": {"duration": "30s"}}},
         slow_start(aggression={"default_value": 1, "runtime_key": "("}, min_weight_percent={"value": 10}),
         slow_start(aggression={"default_value": 2})),
        ({"loadBalancer": {"simple": "ROUND_ROBIN", "warmupDurationSecs": "30s"}}, slow_start(), {"lb_policy": "ROUND_ROBIN"}),
        (LOCAL, {"outlier_detection": {"split_external_local_origin_errors": True, "consecutive_local_origin_failure": 4}},
         {"outlier_detection": {"consecutive_local_origin_failure": 4}}),
        ({"outlierDetection": {"consecutive5xxErrors": 0}}, {"outlier_detection": {"consecutive_5xx": 0}},
         {"outlier_detection": {"consecutive_5xx": 5}}),
        ({"outlierDetection": {"consecutiveGatewayErrors": 0}}, {"outlier_detection": {"consecutive_gateway_failure": 0}},
         {"outlier_detection": {}}),
    ],
)  # fmt: skip
def test_both_sides_have_one_spelling(policy: Json, held: Json, other: Json) -> None:
    wanted = policy_facts(msgspec.convert(policy, TrafficPolicy))
    (has, lacks) = (decode(msgspec.json.encode(body), Cluster) for body in (held, other))
    assert isinstance(has, Cluster)
    assert isinstance(lacks, Cluster)
    assert wanted.items() <= cluster_facts(has).items()
    assert not wanted.items() <= cluster_facts(lacks).items()


def test_what_is_not_said_is_no_fact() -> None:
    assert policy_facts(msgspec.convert({"outlierDetection": {}}, TrafficPolicy)) == {"outlier_detection": "on"}
    assert policy_facts(msgspec.convert({"loadBalancer": RING}, TrafficPolicy)) == {"lb_policy": "RING_HASH"}
    assert policy_facts(None) == {}


def test_failures_of_local_origin_that_nothing_splits_are_told() -> None:
    def change(body: Json) -> None:
        body["spec"]["trafficPolicy"]["outlierDetection"]["consecutiveLocalOriginFailures"] = 4

    mesh = recorded.rewritten(recorded.mesh("services"), APP, change)
    (found,) = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"]
    assert found.state is State.PARTLY
    assert [one.field for one in found.differences] == ["outlier_detection.consecutive_local_origin_failure"]
