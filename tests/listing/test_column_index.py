"""An index of a column: texts and orders."""

from __future__ import annotations

from meshscope.listing.column_index import ColumnIndex


def test_numbers_come_by_size_then_texts_in_natural_order_then_empty_cells() -> None:
    cells = [None, "v10", 10, "-", "v9", 9, "", "?", ("a", "b"), ()]
    order = ColumnIndex(cells).order()
    assert [cells[position] for position in order] == [9, 10, ("a", "b"), "v9", "v10", None, "-", "", "?", ()]


def test_descending_turns_the_filled_cells_alone_and_keeps_equal_ones_as_they_are() -> None:
    assert list(ColumnIndex(["a", None, "b", "a", "-"]).order(descending=True)) == [2, 0, 3, 1, 4]


def test_texts_are_lines_with_their_ends_case_folded() -> None:
    assert ColumnIndex(["A", 1, None, ("x", "Y"), ["z"]]).texts == ["\na\n", "\n1\n", "\n\n", "\nx\ny\n", "\nz\n"]
