from __future__ import annotations

import pytest

from meshscope.simulation.cluster.hosts import Host, as_draining, hosts_of
from meshscope.xds.endpoint import ClusterLoadAssignment

from ..reading import read
from .balancing import endpoint


def only(status: str, *flags: str, live: bool = False, coarse: bool = True) -> Host:
    check = "OK" if live else None
    return hosts_of(
        (endpoint("h", status, health_flags=flags, outlier_check=check),), None, coarse=coarse, inline=False
    )[0]


@pytest.mark.parametrize(
    ("status", "health", "excluded"),
    [
        ("HEALTHY", "healthy", False),
        ("DEGRADED", "degraded", False),
        ("UNHEALTHY", "unhealthy", False),
        ("TIMEOUT", "unhealthy", False),
        ("DRAINING", "unhealthy", True),
        ("SOMETHING_NEW", "healthy", False),
    ],
)
def test_the_health_status_gives_the_class(status: str, health: str, excluded: bool) -> None:
    assert (only(status).health, only(status).excluded) == (health, excluded)


@pytest.mark.parametrize(
    ("flags", "health", "excluded"),
    [
        (("failed_outlier_check",), "unhealthy", False),
        (("failed_active_hc", "pending_active_hc"), "unhealthy", True),
        (("eds_status_draining",), "unhealthy", True),
        (("degraded_eds_health",), "degraded", False),
        (("degraded_eds_health", "failed_active_hc"), "unhealthy", False),
        (("pending_dynamic_removal",), "healthy", False),
    ],
)
def test_live_flags_override_the_health_status(flags: tuple[str, ...], health: str, excluded: bool) -> None:
    host = only("HEALTHY", *flags, live=True)
    assert (host.health, host.excluded) == (health, excluded)


def test_only_a_coarse_dump_leaves_open_whether_a_host_drains() -> None:
    assert only("UNHEALTHY").may_drain
    assert as_draining(only("UNHEALTHY")).excluded
    for sure in (only("UNHEALTHY", coarse=False), only("UNHEALTHY", "failed_eds_health", live=True), only("TIMEOUT")):
        assert not sure.may_drain
        assert as_draining(sure) is sure


ASSIGNMENT = read(
    ClusterLoadAssignment,
    {
        "endpoints": [
            {
                "locality": {"zone": "a"},
                "load_balancing_weight": 3,
                "metadata": {"filter_metadata": {"envoy.transport_socket_match": {"tlsMode": "istio"}}},
                "lb_endpoints": [
                    {
                        "endpoint": {"address": {"socket_address": {"address": "h", "port_value": 80}}},
                        "metadata": {"filter_metadata": {"envoy.lb": {"v": "1"}}},
                    }
                ],
            },
            {"locality": {"zone": "b"}},
        ]
    },
)


def test_the_assignment_adds_metadata_and_the_weights_of_localities() -> None:
    in_assignment, other = hosts_of(
        (endpoint("h", locality="a"), endpoint("i", locality="b")), ASSIGNMENT, coarse=False, inline=True
    )
    assert (in_assignment.lb, in_assignment.locality_weight, in_assignment.locality_socket) == (
        {"v": "1"},
        3,
        {"tlsMode": "istio"},
    )
    assert (other.lb, other.locality_weight, other.locality_socket) == ({}, 0, {})


def test_metadata_of_a_locality_is_unknown_from_a_dump() -> None:
    (host,) = hosts_of((endpoint("h", locality="a"),), ASSIGNMENT, coarse=True, inline=False)
    assert host.locality_socket is None


def test_without_an_assignment_the_weight_of_a_locality_is_unknown() -> None:
    assert only("HEALTHY").locality_weight is None
