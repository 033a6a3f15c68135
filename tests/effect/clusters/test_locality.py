"""Priorities and weights of endpoints by where a proxy is."""

from __future__ import annotations

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.clusters.locality import Locality, differences_of
from meshscope.istio.objects.load_balancer import LocalityLoadBalancerSetting
from meshscope.xds.endpoint import LocalityLbEndpoints

from .. import recorded
from ..recorded import Json

APP = "DestinationRule default/app"
HERE = ("r1", "a", "")
TWO = {"r1/a/*": 80, "r2/*": 20}


def groups(*wanted: tuple[str, int, int, int]) -> list[tuple[Locality, LocalityLbEndpoints]]:
    """Each with its locality, priority, weight and number of endpoints."""
    found = []
    for text, priority, weight, number in wanted:
        region, zone = text.split("/")
        body = {
            "locality": {"region": region, "zone": zone},
            "priority": priority,
            "load_balancing_weight": weight,
            "lb_endpoints": [{}] * number,
        }
        found.append(((region, zone, ""), msgspec.convert(body, LocalityLbEndpoints)))
    return found


@pytest.mark.parametrize(
    ("setting", "has", "told"),
    [
        ({}, [("r1/a", 0, 1, 1), ("r1/b", 1, 1, 1), ("r2/c", 2, 1, 1)], []),
        ({}, [("r1/a", 0, 1, 1), ("r1/b", 0, 1, 1)], ["priority of r1/b"]),
        ({}, [("r1/b", 0, 1, 1), ("r2/c", 1, 1, 1)], []),
        ({"failover": [{"from": "r1", "to": "r3"}]}, [("r1/a", 0, 1, 1), ("r2/c", 2, 1, 1), ("r3/d", 1, 1, 1)], []),
        ({"failover": [{"from": "r1", "to": "r2"}]}, [("r1/a", 0, 1, 1), ("r2/c", 2, 1, 1), ("r3/d", 1, 1, 1)],
         ["priority of r2/c", "priority of r3/d"]),
        ({"failover": [{"from": "r9", "to": "r2"}]}, [("r1/a", 0, 1, 1), ("r2/c", 1, 1, 1), ("r3/d", 1, 1, 1)], []),
        ({"enabled": False}, [("r1/a", 0, 1, 1), ("r2/c", 1, 1, 1)], ["priority of r2/c"]),
        ({"distribute": [{"from": "r1/*", "to": TWO}]}, [("r1/a", 0, 80, 1), ("r2/c", 0, 10, 1), ("r2/d", 0, 10, 1)], []),
        ({"distribute": [{"from": "r1/*", "to": TWO}]}, [("r1/a", 0, 80, 1), ("r2/c", 0, 14, 2), ("r2/d", 0, 7, 1)], []),
        ({"distribute": [{"from": "r1/*", "to": TWO}]}, [("r1/a", 0, 50, 1), ("r2/c", 0, 20, 1)], ["weight of r1/a"]),
        ({"distribute": [{"from": "r1/*", "to": TWO}]}, [("r1/a", 0, 80, 1), ("r3/d", 0, 1, 1)], ["weight of r3/d"]),
        ({"distribute": [{"from": "r2/*", "to": TWO}]}, [("r1/a", 0, 1, 1), ("r3/d", 0, 1, 1)], []),
    ],
)  # fmt: skip
def test_groups_are_held_against_the_setting(
    setting: Json, has: list[tuple[str, int, int, int]], told: list[str]
) -> None:
    typed = msgspec.convert(setting, LocalityLoadBalancerSetting)
    found = differences_of(typed, HERE, groups(*has), detects_outliers=True)
    assert [one.field for one in found] == told


def test_without_outlier_detection_nothing_fails_over() -> None:
    typed = msgspec.convert({"failover": [{"from": "r1", "to": "r2"}]}, LocalityLoadBalancerSetting)
    (found,) = differences_of(typed, HERE, groups(("r1/a", 0, 1, 1)), detects_outliers=False)
    assert "without outlierDetection" in found.actual


def test_the_recorded_proxies_have_the_priorities_of_their_places() -> None:
    def change(body: Json) -> None:
        body["spec"]["trafficPolicy"]["loadBalancer"]["localityLbSetting"] = {"enabled": False}

    mesh = recorded.mesh("services")
    assert {one.state for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"} == {State.IN_EFFECT}
    after = recorded.of(recorded.rewritten(mesh, APP, change), APP, "sleep")
    (found,) = [one for one in after if one.rule == "trafficPolicy"]
    assert found.state is State.PARTLY
    assert [one.field for one in found.differences] == ["priority of region-1/zone-b", "priority of region-2/zone-c"]
