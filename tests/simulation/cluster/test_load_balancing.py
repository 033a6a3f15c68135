from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.load_balancing import PANIC
from meshscope.simulation.cluster.selection import HostSelection
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, End

from .balancing import balancer, hosts, shares

PANIC_OFF: dict[str, Any] = {"common_lb_config": {"healthy_panic_threshold": {}}}
BY_LOCALITY: dict[str, Any] = {"common_lb_config": {"locality_weighted_lb_config": {}}}
A, B, C = "10.0.0.1", "10.0.0.2", "10.0.0.3"


def changed(among: tuple[Host, ...], **fields: tuple[Any, ...]) -> tuple[Host, ...]:
    """Hosts with `weight` or `locality` of the endpoint, or a field of the host, one value each."""
    out = []
    for index, host in enumerate(among):
        for name, values in fields.items():
            if name in ("weight", "locality"):
                host = replace(host, endpoint=replace(host.endpoint, **{name: values[index]}))  # noqa: PLW2901  # step by step
            else:
                host = replace(host, **{name: values[index]})  # noqa: PLW2901  # step by step
        out.append(host)
    return tuple(out)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("ROUND_ROBIN", {A: 0.75, B: 0.25}),
        ("LEAST_REQUEST", {A: 0.75, B: 0.25}),
        ("RING_HASH", {A: 0.75, B: 0.25}),
        ("MAGLEV", {A: 0.75, B: 0.25}),
        ("RANDOM", {A: 0.5, B: 0.5}),
    ],
)
def test_weights_count_for_all_policies_but_random(policy: str, expected: dict[str, float]) -> None:
    among = changed(hosts("HEALTHY", "HEALTHY"), weight=(3, 1))
    assert shares(balancer(among, {"lb_policy": policy}).choose()) == expected


@pytest.mark.parametrize(
    ("words", "cluster", "expected"),
    [
        (("HEALTHY", "UNHEALTHY"), {}, {A: 1}),
        (("UNHEALTHY",), {}, {A: 1}),
        (("DRAINING",), {}, {A: 1}),
        (("HEALTHY", "UNHEALTHY", "UNHEALTHY"), {}, {A: 0.333, B: 0.333, C: 0.333}),
        (("UNHEALTHY",), PANIC_OFF, {"none": 1}),
        (("HEALTHY", "UNHEALTHY", "UNHEALTHY"), PANIC_OFF, {A: 1}),
        ((), {}, {"none": 1}),
        (("DEGRADED", "HEALTHY"), {}, {A: 0.3, B: 0.7}),
        (("DEGRADED", "HEALTHY", "HEALTHY"), {}, {A: 0.07, B: 0.465, C: 0.465}),
        (("UNHEALTHY",), {"common_lb_config": {"zone_aware_lb_config": {"fail_traffic_on_panic": True}}}, {"none": 1}),
    ],
)
def test_health_decides_who_gets_the_load(
    words: tuple[str, ...], cluster: dict[str, Any], expected: dict[str, float]
) -> None:
    assert shares(balancer(hosts(*words), cluster).choose()) == expected


@pytest.mark.parametrize(
    ("words", "cluster", "in_panic"),
    [
        (("UNHEALTHY",), {}, True),
        (("HEALTHY", "UNHEALTHY", "UNHEALTHY"), {}, True),
        (("HEALTHY", "UNHEALTHY"), {}, False),
        (("UNHEALTHY",), PANIC_OFF, False),
        (("HEALTHY", "UNHEALTHY", "UNHEALTHY"), PANIC_OFF, False),
    ],
)
def test_hosts_that_get_requests_in_panic_are_said_to(
    words: tuple[str, ...], cluster: dict[str, Any], in_panic: bool
) -> None:
    (outcome, *_) = balancer(hosts(*words), cluster).choose()
    assert (PANIC in getattr(outcome.value, "because", "")) is in_panic


def test_runtime_may_set_the_panic_threshold() -> None:
    runtime = {"upstream.healthy_panic_threshold": 0}
    assert shares(balancer(hosts("UNHEALTHY"), {}, None, **runtime).choose()) == {"none": 1}


def test_a_second_priority_takes_what_the_first_cannot() -> None:
    among = (*hosts("HEALTHY", "UNHEALTHY"), *hosts("HEALTHY", priority=1))
    assert shares(balancer(among).choose()) == {A: 0.7, "10.0.1.1": 0.3}
    assert shares(balancer(among, policy={"overprovisioning_factor": 100}).choose()) == {A: 0.5, "10.0.1.1": 0.5}


def test_no_evidence_of_hosts_is_not_the_same_as_no_host() -> None:
    (outcome,) = balancer(None).choose()
    assert outcome.value == HostSelection(None)
    (outcome,) = balancer(()).choose()
    assert outcome.value == NO_HEALTHY_UPSTREAM


def test_locality_weights_count_only_where_the_cluster_enables_them() -> None:
    among = changed(hosts("HEALTHY", "HEALTHY", "HEALTHY"), locality=("a", "a", "b"), locality_weight=(1, 1, 3))
    assert shares(balancer(among).choose()) == {A: 0.333, B: 0.333, C: 0.333}
    assert shares(balancer(among, BY_LOCALITY).choose()) == {A: 0.125, B: 0.125, C: 0.75}


@pytest.mark.parametrize(("status", "share"), [("UNHEALTHY", 0.412), ("DRAINING", 0.5)])
def test_a_locality_with_an_unhealthy_host_weighs_less_unless_the_host_drains(status: str, share: float) -> None:
    among = changed(hosts("HEALTHY", status, "HEALTHY"), locality=("a", "a", "b"), locality_weight=(1, 1, 1))
    assert shares(balancer(among, BY_LOCALITY).choose())[A] == share


def test_a_locality_without_weight_gets_nothing_if_another_has_one() -> None:
    among = changed(hosts("HEALTHY", "HEALTHY"), locality=("a", "b"), locality_weight=(0, 1))
    of = balancer(among, BY_LOCALITY)
    assert shares(of.choose()) == {B: 1}
    assert [one.because for one in of.explain()] == ["locality a has weight 0"]


@pytest.mark.parametrize(
    ("policy", "expected"), [("ROUND_ROBIN", {A: 0.5, B: 0.5}), ("RING_HASH", {"none": 1}), ("MAGLEV", {"none": 1})]
)
def test_without_any_weight_only_hash_policies_have_no_host(policy: str, expected: dict[str, float]) -> None:
    among = changed(hosts("HEALTHY", "HEALTHY"), locality=("a", "b"), locality_weight=(0, 0))
    assert shares(balancer(among, {**BY_LOCALITY, "lb_policy": policy}).choose()) == expected


SUBSETS = {"lb_subset_config": {"subset_selectors": [{"keys": ["v"]}]}}


def test_health_is_measured_inside_the_subset() -> None:
    among = changed(hosts("UNHEALTHY", "HEALTHY"), lb=({"v": "1"}, {"v": "2"}))
    of = balancer(among, SUBSETS)
    assert shares(of.choose({"v": "1"})) == {A: 1}
    assert shares(of.choose({"v": "2"})) == {B: 1}
    assert shares(of.choose({"v": "3"})) == {"none": 1}
    assert shares(of.choose()) == {"none": 1}
    assert [(one.name, one.because) for one in of.explain({"v": "1"})] == [(f"{B}:80", "not in the requested subset")]


def test_criteria_for_a_cluster_without_subsets_are_ignored() -> None:
    assert shares(balancer(hosts("HEALTHY")).choose({"v": "3"})) == {A: 1}


def test_a_subset_scales_the_weight_of_its_localities_where_that_is_configured() -> None:
    config = {"subset_selectors": [{"keys": ["v"]}], "locality_weight_aware": True, "scale_locality_weight": True}
    among = changed(
        hosts("HEALTHY", "HEALTHY", "HEALTHY"),
        locality=("a", "a", "b"), locality_weight=(4, 4, 2), lb=({"v": "1"}, {}, {"v": "1"}),
    )  # fmt: skip
    assert shares(balancer(among, {**BY_LOCALITY, "lb_subset_config": config}).choose({"v": "1"})) == {A: 0.5, C: 0.5}


def test_draining_or_unhealthy_are_two_outcomes_where_they_differ() -> None:
    among = (*hosts("HEALTHY", "UNHEALTHY", coarse=True), *hosts("HEALTHY", priority=1))
    selections = balancer(among).choose()
    assert [outcome.probability for outcome in selections] == [None, None]
    assert [len(o.value.hosts or ()) for o in selections if isinstance(o.value, HostSelection)] == [2, 1]
    assert ["DRAINING" in outcome.condition for outcome in selections] == [False, True]


def test_draining_or_unhealthy_is_one_outcome_where_it_does_not_matter() -> None:
    assert shares(balancer(hosts("HEALTHY", "HEALTHY", "UNHEALTHY", coarse=True)).choose()) == {A: 0.5, B: 0.5}


def test_each_host_that_is_not_selectable_has_a_reason() -> None:
    among = (*hosts("HEALTHY", "HEALTHY", "HEALTHY", "UNHEALTHY"), *hosts("HEALTHY", priority=1))
    assert [(one.name, one.because) for one in balancer(among).explain()] == [
        ("10.0.0.4:80", "health UNHEALTHY"),
        ("10.0.1.1:80", "priority 1 gets no load: the priorities before it get 100%"),
    ]
    assert balancer(hosts("HEALTHY")).explain() == ()


def test_an_unknown_policy_gives_equal_shares_and_a_note() -> None:
    policy = {
        "policies": [
            {"typed_extension_config": {"name": "p", "typed_config": {"@type": "type.googleapis.com/acme.Mine"}}}
        ]
    }
    among = changed(hosts("HEALTHY", "HEALTHY"), weight=(3, 1))
    selections = balancer(among, {"load_balancing_policy": policy}).choose()
    assert shares(selections) == {A: 0.5, B: 0.5}
    assert isinstance(selections[0].value, HostSelection)
    assert "acme.Mine" in selections[0].value.notes[0]


words = st.lists(st.sampled_from(("HEALTHY", "UNHEALTHY", "DEGRADED", "DRAINING")), max_size=5)


@given(words, words, st.sampled_from(("ROUND_ROBIN", "RANDOM", "RING_HASH")), st.sampled_from(({}, PANIC_OFF)))
def test_probabilities_add_up_and_unselected_hosts_are_explained(
    first: list[str], second: list[str], policy: str, cluster: dict[str, object]
) -> None:
    among = (*hosts(*first), *hosts(*second, priority=1))
    of = balancer(among, {"lb_policy": policy, **cluster})
    by_host = shares(of.choose())
    assert sum(by_host.values()) == pytest.approx(1, abs=0.01)
    assert len(of.explain()) == len(among) - len(by_host.keys() - {"none"})


def test_a_host_that_is_not_selectable_ends_the_request_with_uh() -> None:
    (outcome,) = balancer(()).choose()
    assert isinstance(outcome.value, End)
    assert outcome.value.response is not None
    assert (outcome.value.response.code, outcome.value.response.flags) == (503, "UH")
