from __future__ import annotations

import pytest

from meshscope.simulation.cluster.overload import closed_circuit, drop_overload, maintenance_mode
from meshscope.simulation.connection import Envoy
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import Policy

from ..reading import read


@pytest.mark.parametrize(("value", "share"), [(100, 1), (25, 0.25), ("40", 0.4), (None, 0), ("odd", 0)])
def test_maintenance_mode_ends_its_share_of_the_requests(value: object, share: float) -> None:
    runtime = {} if value is None else {"upstream.maintenance_mode.c": value}
    part, end = maintenance_mode(Cluster(name="c"), Envoy(runtime=runtime))
    assert part == share
    assert end.response is not None
    assert (end.response.code, end.response.flags, end.response.details) == (503, "UO", "maintenance_mode")


@pytest.mark.parametrize(
    ("percents", "share", "flags"),
    [((), 0, "DO"), ((100,), 1, "UDO"), ((25,), 0.25, "DO"), ((50, 50), 0.75, "DO")],
)
def test_each_drop_takes_its_share_of_the_remaining_requests(
    percents: tuple[int, ...], share: float, flags: str
) -> None:
    drops = [{"category": "c", "drop_percentage": {"numerator": percent}} for percent in percents]
    part, end = drop_overload(read(Policy, {"drop_overloads": drops}))
    assert part == share
    assert end.response is not None
    assert end.response.flags == flags


@pytest.mark.parametrize(
    ("threshold", "priority", "http", "closed"),
    [
        ({"max_requests": 0}, "DEFAULT", True, True),
        ({"max_pending_requests": 0}, "DEFAULT", True, True),
        ({"max_connections": 0}, "DEFAULT", True, False),
        ({"max_requests": 1}, "DEFAULT", True, False),
        ({"max_requests": 0}, "HIGH", True, False),
        ({"priority": "HIGH", "max_requests": 0}, "HIGH", True, True),
        ({"max_requests": 0}, "DEFAULT", False, False),
        ({"max_pending_requests": 0}, "DEFAULT", False, True),
    ],
)
def test_a_breaker_of_size_zero_is_always_open(threshold: object, priority: str, http: bool, closed: bool) -> None:
    cluster = read(Cluster, {"circuit_breakers": {"thresholds": [threshold]}})
    assert (closed_circuit(cluster, priority, http=http) is not None) == closed
