"""Rows for a screen: filters and orders agree with what a plain list would do."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import CancelledError
from meshscope.listing.column import Cell
from meshscope.listing.natural_order import natural_key
from meshscope.listing.registry import KINDS, kind_of_name
from meshscope.listing.rows import Filter, Rows
from meshscope.listing.selection import Selection
from meshscope.work import Work

from .listed import TABLES, WIDTH, WORDS, Cells, listed, mesh_with

COLUMN = st.integers(0, WIDTH - 1)
VISIBLE = st.lists(COLUMN, unique=True, max_size=WIDTH)
FILTERS = st.lists(
    st.builds(
        Filter,
        text=WORDS.filter(lambda text: "\0" not in text),
        column=st.one_of(st.none(), COLUMN),
        is_whole=st.booleans(),
        is_inverse=st.booleans(),
        is_fuzzy=st.booleans(),
    ),
    max_size=2,
)


def lines(cell: Cell) -> list[str]:
    if cell is None or isinstance(cell, (str, int)):
        return ["" if cell is None else str(cell)]
    return list(cell) or [""]


def passes(row: Cells, wanted: Filter, visible: list[int]) -> bool:
    cells = [row[index] for index in (visible if wanted.column is None else [wanted.column])]
    text = wanted.text.casefold()
    texts = ["\n".join(lines(cell)).casefold() for cell in cells]
    if wanted.is_fuzzy and text:
        found = any(is_within(text, line) for one in texts for line in one.split("\n"))
    elif wanted.is_whole:
        found = any(f"\n{text}\n" in f"\n{one}\n" for one in texts)
    else:
        found = not text or any(text in f"\n{one}\n" for one in texts)
    return found != wanted.is_inverse


def is_within(text: str, line: str) -> bool:
    """Whether the characters of a text are in a line, in their order: each of them is taken from what is left of it."""
    left = iter(line)
    return all(character in left for character in text)


def in_order(cells: list[Cells], column: int, *, descending: bool) -> list[int]:
    """The positions as a stable sort of a plain list has them."""

    def key(position: int) -> tuple[int, int, str]:
        cell = cells[position][column]
        return (0, cell, "") if isinstance(cell, int) else (1, 0, natural_key("\n".join(lines(cell))))

    is_empty = [cell[column] in (None, "", "-", "?", ()) for cell in cells]
    filled = [position for position in range(len(cells)) if not is_empty[position]]
    return sorted(filled, key=key, reverse=descending) + [p for p in range(len(cells)) if is_empty[p]]


@given(TABLES, FILTERS, VISIBLE)
def test_filters_keep_the_rows_that_pass_all_of_them_in_their_order(
    cells: list[Cells], filters: list[Filter], visible: list[int]
) -> None:
    kept = [i for i, row in enumerate(cells) if all(passes(row, one, visible) for one in filters)]
    assert list(listed(cells).matching(filters, visible)) == kept


@given(TABLES, COLUMN, st.booleans())
def test_an_order_is_that_of_a_stable_sort_with_empty_cells_last(
    cells: list[Cells], column: int, descending: bool
) -> None:
    assert list(listed(cells).ordered(column, descending=descending)) == in_order(cells, column, descending=descending)


@given(TABLES, FILTERS, VISIBLE, COLUMN, st.booleans())
def test_filtering_what_is_sorted_and_sorting_what_is_filtered_agree(
    cells: list[Cells], filters: list[Filter], visible: list[int], column: int, descending: bool
) -> None:
    rows = listed(cells)
    kept = rows.matching(filters, visible)
    order = rows.ordered(column, descending=descending)
    assert rows.ordered(column, descending=descending, among=kept) == rows.matching(filters, visible, among=order)


@given(TABLES, WORDS.filter(lambda text: "\0" not in text), WORDS, VISIBLE)
def test_a_longer_text_may_search_the_rows_of_the_shorter_one_alone(
    cells: list[Cells], start: str, rest: str, visible: list[int]
) -> None:
    rows = listed(cells)
    text = start + rest.replace("\0", "")
    narrowed = rows.matching([Filter(text)], visible, among=rows.matching([Filter(start)], visible))
    assert narrowed == rows.matching([Filter(text)], visible)


@given(TABLES, FILTERS, VISIBLE, COLUMN)
def test_preparing_changes_no_answer(
    cells: list[Cells], filters: list[Filter], visible: list[int], column: int
) -> None:
    plain, prepared = listed(cells), listed(cells)
    prepared.prepare(visible)
    assert prepared.matching(filters, visible) == plain.matching(filters, visible)
    assert prepared.ordered(column) == plain.ordered(column)


@given(TABLES)
def test_a_row_is_found_again_by_its_id(cells: list[Cells]) -> None:
    rows = listed(cells)
    assert [rows.position(ident) for ident in rows.ids] == list(range(len(rows)))
    assert [rows[position] for position in range(len(rows))] == list(rows) == cells
    assert len(set(rows.ids)) == len(cells)


def test_an_array_that_was_handed_out_is_the_callers_own() -> None:
    rows = listed([("a", 2, None), ("b", 1, None)])
    rows.ordered(1).reverse()
    assert list(rows.ordered(1)) == [1, 0]


def test_threads_that_share_rows_get_the_serial_answers() -> None:
    cells: list[Cells] = [(f"n{number % 97}", number % 31, (f"v{number % 7}", "x")) for number in range(3000)]

    def answers(rows: Rows[Cells]) -> list[list[int]]:
        kept = rows.matching([Filter("v3"), Filter("9", column=0)], (0, 1, 2))
        return [list(kept), *(list(rows.ordered(column, descending=True, among=kept)) for column in range(WIDTH))]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            shared = listed(cells)
            found = list(threads.map(lambda _number: answers(shared), range(16)))
    finally:
        sys.setswitchinterval(interval)
    assert found == [answers(listed(cells))] * 16


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_listed_with_an_id_for_each_row_and_progress_to_the_end(name: str) -> None:
    kind, shares = kind_of_name(name), [0.0]
    rows = Rows.of(kind, mesh_with(name), Selection(), Work(lambda done, total: shares.append(done / total)))
    assert list(rows) == list(kind.rows(mesh_with(name), Selection()))
    assert {ident.kind for ident in rows.ids} <= {name}
    assert len(set(rows.ids)) == len(rows)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize("name", KINDS)
def test_a_list_of_any_kind_is_cancelled_before_its_first_row(name: str) -> None:
    with pytest.raises(CancelledError):
        Rows.of(kind_of_name(name), mesh_with(name), Selection(), Work(cancelled=lambda: True))


def test_preparing_is_cancelled_between_columns() -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    with pytest.raises(CancelledError):
        listed([("a", 1, None)]).prepare((0,), Work(cancelled=cancelled))
