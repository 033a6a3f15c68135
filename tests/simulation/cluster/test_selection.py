from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.cluster.selection import HostSelection, are_equal, outcomes, selected_hosts, under_condition
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM

from .balancing import hosts

A, B, C = hosts("HEALTHY", "HEALTHY", "HEALTHY")
loads = st.lists(st.tuples(st.sampled_from((A, B, C)), st.integers(0, 25)), max_size=4).map(
    lambda pairs: [(host, percent / 100) for host, percent in pairs]
)


@given(loads)
def test_the_load_without_a_host_has_no_healthy_upstream(shares: list[tuple[object, float]]) -> None:
    results = outcomes(shares, "", ())  # type: ignore[arg-type]  # hypothesis widens the host
    served = sum(share for _, share in shares)
    assert sum(one.probability or 0 for one in results) == pytest.approx(1)
    without = sum(one.probability or 0 for one in results if one.value == NO_HEALTHY_UPSTREAM)
    assert without == pytest.approx(1 - served, abs=1e-6)


@given(loads)
def test_each_host_is_selected_once_and_shares_add_up_to_one(shares: list[tuple[object, float]]) -> None:
    results = outcomes(shares, "", ())  # type: ignore[arg-type]  # as above
    chosen = list(selected_hosts(results))
    assert {id(one.host) for one in chosen} == {id(host) for host, share in shares if share}
    assert len(chosen) == len({id(one.host) for one in chosen})
    if chosen:
        assert sum(one.share for one in chosen) == pytest.approx(1)


def test_selections_differ_by_hosts_shares_and_ends() -> None:
    each = [
        outcomes([(A, 1.0)], "a reason", ()),
        outcomes([(B, 1.0)], "", ()),
        outcomes([(A, 0.5), (B, 0.5)], "", ()),
        outcomes([(A, 0.25), (B, 0.75)], "", ()),
        outcomes([(A, 0.5)], "", ()),
        outcomes([], "", ()),
    ]
    assert all(are_equal(one, one) for one in each)
    assert not any(are_equal(one, other) for one, other in pairwise(each))
    assert are_equal(each[0], outcomes([(A, 1.0)], "another reason", ("a note",)))


def test_a_condition_makes_probabilities_unknown_and_goes_before_others() -> None:
    results = list(under_condition(outcomes([(A, 0.5)], "", ()), "it drains"))
    assert [one.probability for one in results] == [None, None]
    assert results[0].condition == "it drains; a priority with a selectable host is picked"
    assert isinstance(results[0].value, HostSelection)
