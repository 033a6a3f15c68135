"""The outline: a cursor on whole lines that stays in sight, and text that is data."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from meshscope.tui.tracing.trace_view import Row
from meshscope.tui.widgets.outline_view import OutlineView

ROWS = tuple(Row(f"row {number}", number // 2) for number in range(100))
"""Two rows a line."""


class _Outline(App[None]):
    def __init__(self, *, has_cursor: bool) -> None:
        super().__init__()
        self._has_cursor = has_cursor

    def compose(self) -> ComposeResult:
        yield OutlineView(has_cursor=self._has_cursor)


Steps = Callable[[Pilot[None], OutlineView], Awaitable[None]]


def walk(steps: Steps, rows: tuple[Row, ...] = ROWS, *, has_cursor: bool = True) -> None:
    async def run() -> None:
        app = _Outline(has_cursor=has_cursor)
        async with app.run_test(size=(40, 10)) as pilot:
            outline = app.query_one(OutlineView)
            outline.focus()
            outline.show(lambda _cells: rows)
            await pilot.pause()
            await steps(pilot, outline)

    asyncio.run(run())


def texts(outline: OutlineView) -> list[str]:
    return [outline.render_line(y).text.strip() for y in range(outline.size.height)]


def test_both_rows_of_the_line_under_the_cursor_are_in_sight_wherever_it_goes() -> None:
    async def steps(pilot: Pilot[None], outline: OutlineView) -> None:
        for key, line in (("j", 1), ("G", 49), ("k", 48), ("ctrl+u", 46), ("g", 0), ("ctrl+d", 3)):
            await pilot.press(key)
            assert outline.cursor == line
            shown = texts(outline)
            assert f"▸ row {2 * line}" in shown
            assert f"row {2 * line + 1}" in shown

    walk(steps)


def test_a_view_without_a_cursor_scrolls() -> None:
    async def steps(pilot: Pilot[None], outline: OutlineView) -> None:
        await pilot.press("j", "j")
        assert texts(outline)[0] == "row 2"
        await pilot.press("G")
        assert texts(outline)[-1] == "row 99"
        await pilot.press("g", "enter")
        assert texts(outline)[0] == "row 0"

    walk(steps, has_cursor=False)


def test_markup_in_a_row_is_shown_as_it_is() -> None:
    async def steps(_pilot: Pilot[None], outline: OutlineView) -> None:
        assert texts(outline)[0] == "▸ [red]name[/red]"

    walk(steps, (Row("[red]name[/red]", 0),))


def test_a_click_points_at_the_line() -> None:
    async def steps(pilot: Pilot[None], outline: OutlineView) -> None:
        await pilot.click(OutlineView, offset=(5, 5))
        assert outline.cursor == 2

    walk(steps)


def test_without_rows_no_key_does_harm() -> None:
    async def steps(pilot: Pilot[None], outline: OutlineView) -> None:
        await pilot.press("j", "k", "g", "G", "ctrl+d", "ctrl+u", "enter")
        assert outline.cursor <= 0

    walk(steps, ())
