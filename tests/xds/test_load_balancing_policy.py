from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.xds.cluster import Cluster
from meshscope.xds.load_balancing_policy import Policy, policy_of
from meshscope.xds.message import decode

TYPES = "type.googleapis.com/envoy.extensions.load_balancing_policies"


def of(cluster: dict[str, Any]) -> Policy:
    read = decode(json.dumps(cluster).encode(), Cluster)
    assert isinstance(read, Cluster)
    return policy_of(read)


def extension(kind: str, **config: Any) -> dict[str, Any]:
    return {"typed_extension_config": {"name": "p", "typed_config": {"@type": f"{TYPES}.{kind}", **config}}}


def by_extension(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"lb_policy": "RANDOM", "load_balancing_policy": {"policies": list(entries)}}


ROBIN = extension("round_robin.v3.RoundRobin")


@pytest.mark.parametrize(
    ("cluster", "name"),
    [
        ({}, "round_robin"),
        ({"lb_policy": "RING_HASH"}, "ring_hash"),
        (by_extension(ROBIN), "round_robin"),
        (by_extension(extension("mine.v3.Mine"), ROBIN), "round_robin"),
        (
            by_extension(extension("subset.v3.Subset", subset_lb_policy={"policies": [extension("maglev.v3.Maglev")]})),
            "maglev",
        ),
        (
            by_extension(extension("wrr_locality.v3.WrrLocality", endpoint_picking_policy={"policies": [ROBIN]})),
            "round_robin",
        ),
        (by_extension(extension("mine.v3.Mine")), ""),
        (by_extension(), ""),
    ],
)
def test_the_first_known_extension_wins_over_the_older_field(cluster: dict[str, Any], name: str) -> None:
    assert of(cluster).name == name


@pytest.mark.parametrize(
    ("cluster", "weighted"),
    [
        ({}, False),
        ({"common_lb_config": {"locality_weighted_lb_config": {}}}, True),
        (by_extension(extension("random.v3.Random", locality_lb_config={"locality_weighted_lb_config": {}})), True),
        (by_extension(extension("ring_hash.v3.RingHash", locality_weighted_lb_config={})), True),
        (by_extension(extension("wrr_locality.v3.WrrLocality", endpoint_picking_policy={"policies": [ROBIN]})), True),
        ({**by_extension(ROBIN), "common_lb_config": {"locality_weighted_lb_config": {}}}, False),
    ],
)
def test_localities_weigh_where_the_policy_in_effect_says_so(cluster: dict[str, Any], weighted: bool) -> None:
    assert of(cluster).locality_weighted == weighted


def test_subsets_need_a_selector() -> None:
    assert of({"lb_subset_config": {"fallback_policy": "ANY_ENDPOINT"}}).subset is None
    assert of({"lb_subset_config": {"subset_selectors": [{"keys": ["v"]}]}}).subset is not None


def test_what_is_not_known_of_a_policy_is_said() -> None:
    assert "mine.v3.Mine" in of(by_extension(extension("mine.v3.Mine"))).why
    assert of(by_extension(extension("client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin"))).why
    assert of(by_extension(extension("round_robin.v3.RoundRobin", locality_lb_config=7))).why
    assert of({}).why == ""
