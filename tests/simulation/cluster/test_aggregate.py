from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from meshscope.simulation.cluster.aggregate import aggregate
from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.load_balancing import LoadBalancer
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, End

from .balancing import balancer, hosts


def members(*healths: tuple[str, ...] | None, off: bool = False) -> list[tuple[str, float | None]]:
    panic: dict[str, Any] = {"common_lb_config": {"healthy_panic_threshold": {}}} if off else {}
    balancers = tuple(
        balancer(None if words is None else hosts(*words), {"name": f"m{n}", **panic})
        for n, words in enumerate(healths)
    )
    outcomes = aggregate(balancers, balancer((), {"name": "all", **panic}))
    return [("none" if isinstance(o.value, End) else o.value.cluster, o.probability) for o in outcomes]


@pytest.mark.parametrize(
    ("healths", "served"),
    [
        ((("HEALTHY",), ("HEALTHY",)), [("m0", 1)]),
        ((("UNHEALTHY",), ("HEALTHY",)), [("m1", 1)]),
        (((), ("HEALTHY",)), [("m1", 1)]),
        ((("HEALTHY", "UNHEALTHY"), ("HEALTHY",)), [("m0", 0.7), ("m1", 0.3)]),
        ((("UNHEALTHY",), ("UNHEALTHY",)), [("m0", 0.5), ("m1", 0.5)]),
        ((), [("none", 1)]),
    ],
)
def test_members_replace_one_another_like_priorities(
    healths: tuple[tuple[str, ...], ...], served: list[tuple[str, float]]
) -> None:
    assert [(name, round(p or 0, 3)) for name, p in members(*healths)] == served


def test_without_panic_unhealthy_members_serve_no_request() -> None:
    assert members(("UNHEALTHY",), ("UNHEALTHY",), off=True) == [("none", 1)]


def test_a_member_with_unknown_hosts_makes_every_member_possible() -> None:
    assert members(("HEALTHY",), None) == [("m0", None), ("m1", None)]


def test_the_answer_is_the_hosts_of_the_member_that_serves() -> None:
    among: tuple[Host, ...] = hosts("HEALTHY", "HEALTHY")
    (outcome,) = aggregate((balancer(among, {"name": "m"}),), balancer(()))
    assert not isinstance(outcome.value, End)
    assert [(one.host, one.share) for one in outcome.value.selection.hosts or ()] == [(host, 0.5) for host in among]


def test_a_hash_policy_picks_the_priority_again_in_the_member_that_serves() -> None:
    among = (*hosts("UNHEALTHY"), *hosts("DEGRADED", "UNHEALTHY", "UNHEALTHY", priority=1))
    other = balancer(hosts("HEALTHY", "UNHEALTHY"), {"name": "other"})
    shared = {}
    for policy in ("ROUND_ROBIN", "RING_HASH"):
        member = balancer(among, {"name": "m", "lb_policy": policy})
        selections = [o.value for o in aggregate((member, other), balancer(())) if not isinstance(o.value, End)]
        shared[policy] = {
            one.endpoint.host for value in selections if value.cluster == "m" for one in value.selection.hosts or ()
        }
    assert "10.0.0.1" not in shared["ROUND_ROBIN"]
    assert "10.0.0.1" in shared["RING_HASH"]


def in_stages(fallback: str, *stages: str, **more: Any) -> LoadBalancer:
    """A member with a host in each of these stages, all healthy."""
    config = {"fallback_policy": fallback, "subset_selectors": [{"keys": ["stage"]}], **more}
    labelled = (
        replace(host, lb={"stage": stage})
        for host, stage in zip(hosts(*["HEALTHY"] * len(stages)), stages, strict=True)
    )
    return balancer(tuple(labelled), {"name": "m", "lb_subset_config": config})


@pytest.mark.parametrize(
    ("fallback", "more", "asked", "served"),
    [
        ("NO_FALLBACK", {}, {"stage": "prod"}, {"10.0.0.1"}),
        ("NO_FALLBACK", {}, {"stage": "none"}, {"no host"}),
        ("NO_FALLBACK", {}, None, {"no host"}),
        ("ANY_ENDPOINT", {}, {"stage": "none"}, {"10.0.0.1", "10.0.0.2"}),
        ("DEFAULT_SUBSET", {"default_subset": {"stage": "dev"}}, {"stage": "none"}, {"10.0.0.2"}),
        ("DEFAULT_SUBSET", {"default_subset": {"stage": "gone"}}, {"stage": "none"}, {"no host"}),
        (
            "DEFAULT_SUBSET",
            {"default_subset": {"stage": "gone"}, "panic_mode_any": True},
            {"stage": "none"},
            {"10.0.0.1", "10.0.0.2"},
        ),
    ],
)
def test_a_member_is_asked_for_the_subset(
    fallback: str, more: dict[str, Any], asked: dict[str, str] | None, served: set[str]
) -> None:
    member = in_stages(fallback, "prod", "dev", **more)
    found = set()
    for outcome in aggregate((member,), balancer(()), asked):
        among = () if isinstance(outcome.value, End) else outcome.value.selection.hosts or ()
        found |= {one.endpoint.host for one in among} or {"no host"}
    assert found == served


def test_a_member_is_picked_by_all_of_its_hosts_not_by_the_subset() -> None:
    first, second = in_stages("NO_FALLBACK", "prod"), in_stages("NO_FALLBACK", "dev")
    (outcome,) = aggregate((first, second), balancer(()), {"stage": "dev"})
    assert outcome.value == NO_HEALTHY_UPSTREAM


def test_a_member_whose_unhealthy_hosts_may_drain_has_both_ways() -> None:
    failing = {"healthy_panic_threshold": {"value": 80}, "zone_aware_lb_config": {"fail_traffic_on_panic": True}}
    member = balancer(hosts("HEALTHY", "UNHEALTHY", coarse=True), {"name": "m", "common_lb_config": failing})
    found = aggregate((member,), balancer(()))
    assert {isinstance(one.value, End) for one in found} == {True, False}
    assert all(one.probability is None for one in found)
    certain = balancer(hosts("HEALTHY", "UNHEALTHY"), {"name": "m", "common_lb_config": failing})
    assert [one.value for one in aggregate((certain,), balancer(()))] == [NO_HEALTHY_UPSTREAM]
