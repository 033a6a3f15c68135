"""Priorities by the labels that endpoints share with a proxy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.effect.answer import State
from meshscope.effect.clusters.failover_priority import failover_differences

from .. import recorded
from ..recorded import Json

APP = "DestinationRule default/app"
REGION, ZONE = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
OWN = {REGION: "r1", ZONE: "a", "version": "v1"}


def told(wanted: list[str], *endpoints: tuple[int, dict[str, str]]) -> list[str]:
    found = [(f"e{number}", priority, labels) for number, (priority, labels) in enumerate(endpoints)]
    return [str(one) for one in failover_differences(wanted, OWN, found)]


@pytest.mark.parametrize(
    ("wanted", "priorities"),
    [
        ([REGION, ZONE], [0, 1, 2]),
        ([ZONE], [0, 1, 1]),
        ([REGION], [0, 0, 1]),
        ([f"{REGION}=r2"], [1, 1, 0]),
        (["version"], [0, 0, 0]),
        (["team"], [0, 0, 0]),
        ([f"{ZONE}=b", REGION], [1, 0, 1]),
    ],
)
def test_the_first_label_that_is_not_shared_decides(wanted: list[str], priorities: list[int]) -> None:
    labels = ({REGION: "r1", ZONE: "a"}, {REGION: "r1", ZONE: "b"}, {REGION: "r2", ZONE: "c"})
    endpoints = [{**each, "version": "v1"} for each in labels]
    assert told(wanted, *zip(priorities, endpoints, strict=True)) == []
    moved = [9, *priorities[1:]]
    assert told(wanted, *zip(moved, endpoints, strict=True)) == [f"priority of e0 is 9, {priorities[0]} was expected"]


@given(
    st.lists(
        st.fixed_dictionaries({REGION: st.sampled_from("pq"), ZONE: st.sampled_from("xyz")}), min_size=1, max_size=6
    )
)
def test_priorities_have_no_gaps_and_equals_are_alike(endpoints: list[dict[str, str]]) -> None:
    """Whatever the endpoints: exactly one assignment of priorities has no difference, and it starts at 0."""
    expected = [
        int(one.expected) for one in failover_differences([REGION, ZONE], OWN, [("e", -1, each) for each in endpoints])
    ]
    assert sorted(set(expected)) == list(range(max(expected) + 1))
    for one, rank in zip(endpoints, expected, strict=True):
        assert all(other == rank for each, other in zip(endpoints, expected, strict=True) if each == one)


@pytest.mark.parametrize(
    ("priority", "state"),
    [
        ([REGION, ZONE], State.IN_EFFECT),
        ([ZONE, REGION], State.PARTLY),
        (["topology.istio.io/network"], State.IN_EFFECT),
    ],
)
def test_endpoints_of_a_service_are_held_against_it(priority: list[str], state: State) -> None:
    """Endpoints are in a and b of one region, and in another one; the proxy is in a. What nothing tells is not compared."""

    def change(body: Json) -> None:
        body["spec"]["trafficPolicy"]["loadBalancer"]["localityLbSetting"] = {
            "enabled": True,
            "failoverPriority": priority,
        }

    mesh = recorded.rewritten(recorded.mesh("services"), APP, change)
    (found,) = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"]
    assert found.state is state, found.because


def test_without_outlier_detection_there_are_no_priorities() -> None:
    def change(body: Json) -> None:
        policy = body["spec"]["trafficPolicy"]
        policy["loadBalancer"]["localityLbSetting"] = {"failoverPriority": [REGION]}
        del policy["outlierDetection"]

    mesh = recorded.rewritten(recorded.mesh("services"), APP, change)
    (found,) = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"]
    assert any(one.field == "locality failover" for one in found.differences)
