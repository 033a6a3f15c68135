"""Differences of two lists: gone, new, changed."""

from __future__ import annotations

import pytest
from hypothesis import given

from meshscope.errors import CancelledError
from meshscope.listing.difference import Change, Difference, difference
from meshscope.work import Work

from .listed import COLUMNS, TABLES, Cells, listed


def of(before: list[Cells], now: list[Cells]) -> Difference[Cells]:
    return difference(listed(before), listed(now), COLUMNS)


def test_rows_come_go_and_change_and_the_cells_that_changed_are_named() -> None:
    a, b, c = ("a", 1, "x"), ("b", 2, "y"), ("c", 3, "z")
    found = of([a, b], [("b", 2, "new"), c])
    assert found == Difference((a,), (c,), (Change(b, ("b", 2, "new"), (2,)),), found.new_ids, found.changed_ids)
    assert [[ident.name for ident in each] for each in (found.new_ids, found.changed_ids)] == [["c"], ["b"]]


def test_an_order_is_no_difference() -> None:
    assert not of([("a", 1, ["x"]), ("b", 2, None)], [("b", 2, None), ("a", 1, ("x",))])


def test_a_column_that_is_not_compared_makes_no_difference() -> None:
    before, now = listed([("a", 1, "x")]), listed([("a", 1, "y")])
    assert not difference(before, now, COLUMNS[:2])
    assert difference(before, now, COLUMNS)


@given(TABLES, TABLES)
def test_the_other_way_round_what_was_new_is_gone(one: list[Cells], other: list[Cells]) -> None:
    forth, back = of(one, other), of(other, one)
    assert set(map(repr, forth.new)) == set(map(repr, back.gone))
    assert len(forth.changed) == len(back.changed)
    assert len(one) - len(forth.gone) + len(forth.new) == len(other)


@given(TABLES)
def test_a_list_does_not_differ_from_itself(cells: list[Cells]) -> None:
    assert not of(cells, cells)


def test_comparing_is_cancelled() -> None:
    with pytest.raises(CancelledError):
        difference(listed([("a", 1, 1)]), listed([("a", 1, 1)]), COLUMNS, Work(cancelled=lambda: True))
