from __future__ import annotations

from math import lcm

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.random_values import RandomValues

Bound = tuple[int, int, int]


def bounds(*moduli: int) -> st.SearchStrategy[list[Bound]]:
    def bound(modulus: int) -> st.SearchStrategy[Bound]:
        edge = st.integers(0, modulus)
        return st.tuples(st.just(modulus), edge, edge)

    return st.lists(st.sampled_from(moduli).flatmap(bound), max_size=4)


def counted(wanted: list[Bound]) -> float:
    whole = lcm(*(modulus for modulus, _, _ in wanted)) if wanted else 1
    return sum(all(low <= r % m < high for m, low, high in wanted) for r in range(whole)) / whole


def narrowed(wanted: list[Bound]) -> RandomValues:
    values = RandomValues()
    for modulus, low, high in wanted:
        values = values.within(modulus, low, high)
    return values


@given(bounds(10, 100, 1000))
def test_the_share_is_what_counting_gives(wanted: list[Bound]) -> None:
    assert narrowed(wanted).share == pytest.approx(counted(wanted))


@given(bounds(3, 10, 14))
def test_so_it_is_for_moduli_that_do_not_divide_each_other(wanted: list[Bound]) -> None:
    assert narrowed(wanted).share == pytest.approx(counted(wanted))


@given(bounds(100, 10_000), st.integers(0, 100))
def test_what_a_bound_takes_and_what_it_leaves_add_up(wanted: list[Bound], cut: int) -> None:
    values = narrowed(wanted)
    taken, left = values.within(100, 0, cut), values.within(100, cut, 100)
    assert taken.share + left.share == pytest.approx(values.share)


def test_the_same_half_twice_is_a_half() -> None:
    half = RandomValues().within(100, 0, 50)
    assert half.within(100, 0, 50).share == 0.5
    assert half.within(100, 50, 100).share == 0.0


def test_the_finest_denominators_are_counted_without_a_walk() -> None:
    values = RandomValues().within(1_000_000, 0, 1).within(10_000, 0, 1).within(100, 0, 1)
    assert values.share == pytest.approx(1e-6)
    assert RandomValues().within(1_000_000, 100, 200).within(100, 0, 1).share == pytest.approx(1e-6)
