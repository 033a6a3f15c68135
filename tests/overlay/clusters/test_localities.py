"""Priorities and weights of endpoints by locality, as an applied rule would have them."""

from __future__ import annotations

import pytest

from meshscope.overlay.what_if import WhatIf

from ..asking import edited, mesh_of
from .settings import APP, Json

OUTLIERS = {"outlierDetection": {"interval": "5s"}}
NAME = "outbound|80||app.default.svc.cluster.local"


def judged(setting: Json | None, *, ejects: bool = True) -> tuple[set[str], set[str]]:
    """What would be different of the endpoints of `app` (in a, b and c of two regions) for a client in a; what is unknown."""
    policy = {"loadBalancer": {"localityLbSetting": setting}} if setting is not None else {}
    mesh = mesh_of("services")
    what_if = WhatIf(mesh, [edited(mesh, APP, trafficPolicy={**policy, **(OUTLIERS if ejects else {})})])
    found = [one for one in what_if.changes if (one.what, one.name) == ("endpoints", NAME) and "sleep" in one.proxy]
    told = {one.because for one in what_if.not_rebuilt if one.name == NAME and "sleep" in (one.proxy or "")}
    return {str(each) for one in found for each in one.differences}, told


@pytest.mark.parametrize(
    ("setting", "differences"),
    [
        ({"failover": [{"from": "region-1", "to": "region-2"}]}, set()),
        (None, set()),
        ({"enabled": False}, {"priority of region-1/zone-b is 1, 0 was expected",
                              "priority of region-2/zone-c is 2, 0 was expected"}),
        ({"distribute": [{"from": "region-1/*", "to": {"region-1/*": 70, "region-2/*": 30}}]},
         {"priority of region-1/zone-b is 1, 0 was expected", "priority of region-2/zone-c is 2, 0 was expected",
          "weight of region-1/zone-a is 1, 35 was expected", "weight of region-1/zone-b is 1, 35 was expected",
          "weight of region-2/zone-c is 1, 30 was expected"}),
        ({"distribute": [{"from": "region-1/*", "to": {"region-1/zone-a/*": 100}}]},
         {"weight of region-1/zone-a is 1, 100 was expected",
          "priority of region-1/zone-b is 1, none was expected", "weight of region-1/zone-b is 1, none was expected",
          "priority of region-2/zone-c is 2, none was expected", "weight of region-2/zone-c is 1, none was expected"}),
    ],
)  # fmt: skip
def test_endpoints_are_placed(setting: Json | None, differences: set[str]) -> None:
    assert judged(setting) == (differences, set())


def test_without_outlier_detection_there_are_no_priorities() -> None:
    differences, _ = judged({"failover": []}, ejects=False)
    assert differences == {
        "priority of region-1/zone-b is 1, 0 was expected",
        "priority of region-2/zone-c is 2, 0 was expected",
    }


@pytest.mark.parametrize(
    ("setting", "because"),
    [
        ({"failoverPriority": ["topology.kubernetes.io/region"]}, "failoverPriority is not rebuilt"),
        ({"distribute": [{"from": "*", "to": {"region-1/*": 70, "region-1/zone-a/*": 30}}]},
         "weights of localities that two targets of `distribute` name are not rebuilt"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_named(setting: Json, because: str) -> None:
    assert judged(setting) == (set(), {because})
