"""The table alone: what it draws, and that it draws only what is visible."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from meshscope.listing.column import Cell, Column
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Filter, Rows
from meshscope.tui.table_view import Arrangement, Order, TableView, arranged, view_of
from meshscope.tui.widgets.virtual_table import VirtualTable

from ..sick import HOSTILE
from ..tables import Cells, rows_of


class Alone(App[None]):
    def compose(self) -> ComposeResult:
        yield VirtualTable(id="table")


Walk = Callable[[VirtualTable, Pilot[None]], Awaitable[None]]


def with_table(view: TableView, walk: Walk, *, size: tuple[int, int] = (40, 8), empty: str = "") -> None:
    async def run() -> None:
        app = Alone()
        async with app.run_test(size=size) as pilot:
            table = app.query_one(VirtualTable)
            table.focus()
            table.show(view, empty=empty)
            await pilot.pause()
            await walk(table, pilot)

    asyncio.run(run())


def lines(table: VirtualTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


def numbers(count: int) -> TableView:
    return view_of(rows_of([(f"row-{number}", number) for number in range(count)], "NAME", "N"), (0, 1))


def test_a_line_is_asked_for_only_where_it_is_visible() -> None:
    asked: list[Cell] = []

    def watched(row: Cells) -> Cell:
        asked.append(row[1])
        return row[0]

    cells = [(f"row-{number}", number) for number in range(100_000)]
    view = view_of(Rows(cells, row_ids(("", "cells", name) for name, _ in cells), [Column("NAME", watched)]), (0,))

    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:
        asked.clear()
        await pilot.press("G", "j", "k", "ctrl+u", "g")
        assert len(set(asked)) < 60
        assert table.pointed is not None

    with_table(view, walk)


def test_the_header_stays_and_the_cursor_is_always_visible() -> None:
    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:
        for keys in (["G"], ["ctrl+u"], ["k"] * 9, ["g"], ["j"] * 9, ["pagedown"], ["end"], ["home"]):
            await pilot.press(*keys)
            shown = lines(table)
            assert shown[0].split() == ["NAME", "N"]
            assert shown[1 + table.cursor - table.scroll_offset.y].startswith("▸")
            assert shown[1 + table.cursor - table.scroll_offset.y].split()[1] == f"row-{table.cursor}"

    with_table(numbers(50), walk)


def test_the_cell_cursor_stays_on_its_column_when_columns_change() -> None:
    rows = rows_of([("a", "b", "c")], "A", "B", "C")

    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:
        await pilot.press("l", "l")
        table.show(view_of(rows, (2, 1)))
        assert (table.pointed_column, table.cell) == (0, 0)
        table.show(view_of(rows, (0, 1)))
        assert table.cell == 0

    with_table(view_of(rows, (0, 1, 2)), walk)


def test_the_cursor_follows_its_row_and_stays_near_where_the_row_is_gone() -> None:
    view = numbers(20)

    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:
        await pilot.press(*"jjjjj")
        table.show(view.ordered(Order(1, descending=True)))
        assert table.cursor == 14
        table.show(view.filtered((Filter("row-5", 0, is_whole=True, is_inverse=True),)))
        assert table.cursor == 14
        newer = rows_of([("new", 0), *((f"row-{number}", 0) for number in range(20))], "NAME", "N")
        ident = table.pointed_id
        table.show(table.view.on(newer) if table.view else view)
        assert table.pointed_id == ident
        table.show(view.filtered((Filter("nothing"),)))
        assert (table.cursor, table.pointed) == (0, None)

    with_table(view, walk)


def test_the_header_names_the_order() -> None:
    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:  # noqa: ARG001  # nothing pressed
        for order, sign in ((Order(1), "N▲"), (Order(1, descending=True), "N▼"), (None, "N ")):
            table.show(numbers(3).ordered(order))
            assert sign in lines(table)[0]

    with_table(numbers(3), walk)


def test_an_empty_table_says_why_without_obeying_it() -> None:
    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:
        await pilot.press("j", "k", "G", "l", "space", "enter", "ctrl+d")
        assert "[b]none[/b]" in "\n".join(lines(table))
        assert "try \\x1b" in "\n".join(lines(table))

    with_table(numbers(0), walk, empty="[b]none[/b]\ntry \x1b[2J")


def test_further_lines_of_a_cell_have_a_mark_that_is_not_cut() -> None:
    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:  # noqa: ARG001  # nothing pressed
        assert [line.rstrip().endswith("⋯") for line in lines(table)[1:4]] == [True, False, True]

    cells: list[Cells] = [("a", ("x" * 200, "more")), ("b", ("y" * 200,)), ("c", ("one", "two"))]
    with_table(view_of(rows_of(cells, "NAME", "LINES"), (0, 1)), walk)


@pytest.mark.parametrize("keeps_all", [False, True])
@settings(max_examples=25)
@given(
    st.lists(st.tuples(*[st.sampled_from(HOSTILE) | st.text(max_size=20)] * 3), min_size=1, max_size=6),
    st.integers(4, 120),
)
def test_columns_are_aligned_whatever_is_in_them(keeps_all: bool, cells: list[Cells], cells_wide: int) -> None:
    rows = rows_of(cells, "A", "B", "C")

    async def walk(table: VirtualTable, pilot: Pilot[None]) -> None:
        for _ in range(3):
            strips = [table.render_line(y) for y in range(table.size.height)]
            assert {strip.cell_length for strip in strips} == {table.scrollable_content_region.width}
            assert all(strip.text.isprintable() for strip in strips)
            await pilot.press("l")

    view = arranged(rows, Arrangement((0, 1, 2), keeps_all=keeps_all))
    with_table(view, walk, size=(cells_wide, 8))
