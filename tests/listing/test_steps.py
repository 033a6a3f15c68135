"""Steps and shares of a long work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import CancelledError
from meshscope.listing.steps import parts, steps
from meshscope.work import UNFOLLOWED, Work


@given(st.lists(st.integers(0, 80), max_size=6))
def test_progress_of_nested_lists_rises_to_the_whole(sizes: list[int]) -> None:
    shares: list[float] = []
    work = Work(lambda done, total: shares.append(done / total))
    items = [item for size, share in parts(sizes, work) for item in steps(range(size), share)]
    assert items == [item for size in sizes for item in range(size)]
    assert shares == sorted(shares)
    assert not sizes or shares[-1] == 1.0


def test_the_middle_of_the_second_of_two_parts_is_three_quarters_of_the_whole() -> None:
    shares: list[float] = []
    _, second = list(parts("ab", Work(lambda done, total: shares.append(done / total))))
    second[1].step(1, 2)
    assert shares[-1] == 0.75


def test_nobody_who_follows_costs_no_share() -> None:
    assert all(share is UNFOLLOWED for _, share in parts("ab", UNFOLLOWED))


def test_a_part_is_cancelled_with_the_whole() -> None:
    is_cancelled = False
    work = Work(lambda _done, _total: None, lambda: is_cancelled)
    ((_, share),) = parts("a", work)
    share.step(0, 1)
    is_cancelled = True
    with pytest.raises(CancelledError):
        list(steps("abc", share))
