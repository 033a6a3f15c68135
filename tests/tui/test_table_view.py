from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.listing.rows import Filter
from meshscope.render.fitting import GAP
from meshscope.render.text import width
from meshscope.tui.table_view import (
    MORE_LINES,
    Arrangement,
    Order,
    TableView,
    arranged,
    cell_line,
    cell_text,
    shown,
    view_of,
)

from .tables import Cells, rows_of

PEOPLE: tuple[Cells, ...] = (("ann", 3), ("bob", 1), ("cid", 2))
HOSTILE = st.text(max_size=30) | st.sampled_from(
    ["[red]x[/]", "\x1b[2J", "a\u202eb", "日本語" * 9, "x" * 10_000, "\udc80"]
)


def names(view: TableView) -> list[str]:
    return [view.ident(line).name for line in range(len(view))]


def people() -> TableView:
    return view_of(rows_of(PEOPLE, "NAME", "AGE"), (0, 1))


def test_filters_and_an_order_apply_together_whichever_is_first() -> None:
    not_bob, by_age = (Filter("bob", is_inverse=True),), Order(1)
    assert names(people().filtered(not_bob).ordered(by_age)) == ["cid", "ann"]
    assert names(people().ordered(by_age).filtered(not_bob)) == ["cid", "ann"]


def test_releasing_the_order_gives_the_rows_own_order() -> None:
    assert names(people().ordered(Order(1, descending=True))) == ["ann", "cid", "bob"]
    assert names(people().ordered(Order(1)).ordered(None)) == ["ann", "bob", "cid"]


def test_newer_rows_keep_filters_order_and_columns() -> None:
    view = people().filtered((Filter("o"),)).ordered(Order(1)).with_columns((1, 0))
    newer = view.on(rows_of((("zoe", 0), *PEOPLE), "NAME", "AGE"))
    assert names(newer) == ["zoe", "bob"]
    assert [column.title for column in newer.columns] == ["AGE", "NAME"]


def test_a_row_that_is_filtered_out_has_no_line() -> None:
    view = people().filtered((Filter("bob", is_inverse=True),))
    assert [view.line_of(position) for position in (0, 1, 2, None)] == [0, None, 1, None]


def test_an_order_leaves_the_widths_of_columns_alone() -> None:
    rows = rows_of([("x" * (number % 90), number) for number in range(5000)], "NAME", "N")
    view = view_of(rows, (0, 1))
    assert view.fits(60) == view.ordered(Order(0, descending=True)).fits(60)


def test_a_column_of_a_rank_leaves_before_a_whole_column_is_cut() -> None:
    cells: list[Cells] = [(f"{'pod' * 8}-{number}", "1.40.0") for number in range(30)]
    rows = rows_of(cells, "PROXY", "ENVOY", ranks={"ENVOY": 2})
    whole = arranged(rows, Arrangement((0, 1), whole=frozenset({0})))
    assert [fit.index for fit in whole.fits(34)] == [0]
    assert [fit.index for fit in whole.fits(35)] == [0, 1]
    assert [fit.index for fit in view_of(rows, (0, 1)).fits(34)] == [0, 1]


def test_a_column_that_was_added_stays_where_others_leave() -> None:
    cells: list[Cells] = [tuple(f"{column}" * 30 for column in range(4))]
    rows = rows_of(cells, *"ABCD", ranks={"B": 1, "C": 2, "D": 3})
    assert [fit.index for fit in view_of(rows, range(4)).fits(66)] == [0, 1]
    added = arranged(rows, Arrangement((0, 1, 2, 3), added=frozenset({3})))
    assert [fit.index for fit in added.fits(66)] == [0, 3]


def test_a_table_of_all_columns_keeps_all_and_is_wider_than_the_terminal() -> None:
    cells: list[Cells] = [tuple(f"{column}" * 30 for column in range(8))]
    rows = rows_of(cells, *"ABCDEFGH", ranks={"H": 3})
    fits = arranged(rows, Arrangement(tuple(range(8)), keeps_all=True)).fits(80)
    assert [fit.index for fit in fits] == list(range(8))
    assert sum(fit.most + GAP for fit in fits) > 80
    assert len(view_of(rows, range(8)).fits(80)) < 8


def test_a_table_of_chosen_columns_that_fits_is_as_any_other() -> None:
    rows = rows_of(PEOPLE, "NAME", "AGE")
    assert arranged(rows, Arrangement((0, 1), keeps_all=True)).fits(80) == people().fits(80)


def test_a_cell_of_several_lines_shows_the_first_and_a_mark() -> None:
    rows = rows_of([("a", ("one", "two")), ("b", ("one",)), ("c", ())], "NAME", "LINES")
    assert [shown(rows.columns[1], row) for row in rows] == ["one" + MORE_LINES, "one", ""]


def test_a_copied_cell_has_all_its_lines() -> None:
    assert [cell_text(cell) for cell in (("one", "tw\to"), 7, None)] == ["one\ntw\\to", "7", ""]


@given(HOSTILE)
def test_a_cell_is_one_printable_line_of_bounded_length(text: str) -> None:
    line, has_more = cell_line(text)
    assert line.isprintable()
    assert len(line) <= 400
    assert not has_more


@given(st.lists(st.tuples(HOSTILE, HOSTILE, st.integers()), max_size=6), st.integers(20, 200))
def test_columns_fit_whatever_is_in_them(cells: list[Cells], room: int) -> None:
    view = view_of(rows_of(cells, "A", "B", "C"), (0, 1, 2))
    fits = view.fits(room)
    assert sum(fit.most for fit in fits) + GAP * (len(fits) - 1) <= room
    for fit in fits:
        for line in range(len(view)):
            assert width(fit.text(cell_line(view.columns[fit.index].cell(view.row(line)))[0])) <= fit.most
