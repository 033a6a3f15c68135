from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Envoy
from meshscope.simulation.route.mirrors import mirror_policies, mirror_steps
from meshscope.xds.route import RouteConfigurationHead, VirtualHost
from meshscope.xds.route_action import RouteAction

from ..reading import asking, read


def to(*clusters: str) -> dict[str, Any]:
    return {"request_mirror_policies": [{"cluster": name} for name in clusters]}


def of(percent: int) -> dict[str, Any]:
    return {"runtime_fraction": {"default_value": {"numerator": percent}}}


@pytest.mark.parametrize(
    ("route", "host", "table", "names"),
    [(("r",), ("v",), ("t",), ["r"]), ((), ("v", "w"), ("t",), ["v", "w"]), ((), (), ("t",), ["t"]), ((), (), (), [])],
)
def test_the_most_specific_list_counts_alone(
    route: tuple[str, ...], host: tuple[str, ...], table: tuple[str, ...], names: list[str]
) -> None:
    found = mirror_policies(
        read(RouteAction, to(*route)), read(VirtualHost, to(*host)), read(RouteConfigurationHead, to(*table))
    )
    assert [policy.cluster for policy in found] == names


@pytest.mark.parametrize(
    ("policy", "because"),
    [
        ({"cluster": "c"}, "a copy goes there; its answer is thrown away"),
        ({"cluster_header": "x-c"}, "a copy goes there; its answer is thrown away"),
        ({"cluster": "c", **of(5)}, "a copy of 5% goes there; its answer is thrown away"),
        ({"cluster": "c", **of(0)}, None),
        ({"cluster_header": "x-absent"}, None),
    ],
)
def test_a_copy_is_told_where_there_is_one(policy: dict[str, Any], because: str | None) -> None:
    policies = read(RouteAction, {"request_mirror_policies": [policy]}).request_mirror_policies
    steps = list(mirror_steps(policies, asking("/", ("x-c", "c")), Envoy(), None))
    assert [(step.chosen, step.because) for step in steps] == ([("c", because)] if because else [])
