from __future__ import annotations

import pytest

from meshscope.simulation.cluster.overload import closed_circuit, drop_overload, maintenance_mode, no_connections
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
    ("threshold", "priority", "http", "flags"),
    [
        ({"max_requests": 0}, "DEFAULT", True, "UO"),
        ({"max_pending_requests": 0}, "DEFAULT", True, "UO"),
        ({"max_connection_pools": 0, "max_requests": 0}, "DEFAULT", True, "UH"),
        ({"max_connections": 0}, "DEFAULT", True, None),
        ({"max_requests": 1}, "DEFAULT", True, None),
        ({"max_requests": 0}, "HIGH", True, None),
        ({"priority": "HIGH", "max_requests": 0}, "HIGH", True, "UO"),
        ({"max_requests": 0, "max_connection_pools": 0}, "DEFAULT", False, None),
        ({"max_pending_requests": 0}, "DEFAULT", False, "URX"),
    ],
)
def test_a_breaker_of_size_zero_is_always_open(threshold: object, priority: str, http: bool, flags: str | None) -> None:
    cluster = read(Cluster, {"circuit_breakers": {"thresholds": [threshold]}})
    end = closed_circuit(cluster, priority, Envoy(), http=http)
    assert (end and end.response and end.response.flags) == flags


@pytest.mark.parametrize(
    ("key", "value", "configured", "closed"),
    [
        ("a.b.default.max_requests", 0, {}, True),
        ("a.b.default.max_requests", "0", {}, True),
        ("a.b.default.max_requests", 0.5, {}, True),
        ("a.b.default.max_requests", -1, {}, False),
        ("a.b.default.max_requests", "no", {}, False),
        ("a.b.default.max_requests", 7, {"max_requests": 0}, False),
        ("a.b.default.max_requests", "no", {"max_requests": 0}, True),
        ("a.b.default.max_pending_requests", 0, {}, True),
        ("a.b.high.max_requests", 0, {}, False),
        ("a.default.max_requests", 0, {}, False),
    ],
)
def test_runtime_stands_in_for_a_threshold(key: str, value: object, configured: object, closed: bool) -> None:
    cluster = read(Cluster, {"name": "a.b", "circuit_breakers": {"thresholds": [configured]}})
    envoy = Envoy(runtime={f"circuit_breakers.{key}": value})
    assert (closed_circuit(cluster, "DEFAULT", envoy) is not None) == closed


@pytest.mark.parametrize(
    ("threshold", "runtime", "closed"),
    [
        ({"max_connections": 0}, {}, True),
        ({"max_connections": 1}, {}, False),
        ({"priority": "HIGH", "max_connections": 0}, {}, False),
        ({}, {"circuit_breakers.c.default.max_connections": 0}, True),
        ({"max_connections": 0}, {"circuit_breakers.c.default.max_connections": 1}, False),
    ],
)
def test_a_tcp_proxy_needs_a_connection_of_its_own(threshold: object, runtime: dict[str, object], closed: bool) -> None:
    cluster = read(Cluster, {"name": "c", "circuit_breakers": {"thresholds": [threshold]}})
    assert (no_connections(cluster, Envoy(runtime=runtime)) is not None) == closed
