from __future__ import annotations

import asyncio

from rich.text import Text
from textual.app import App, ComposeResult

from meshscope.tui.widgets.state_line import StateLine


class Alone(App[None]):
    def compose(self) -> ComposeResult:
        yield StateLine(id="state")


def shown(text: str, cells: int) -> str:
    async def run() -> str:
        app = Alone()
        async with app.run_test(size=(cells, 3)) as pilot:
            line = app.query_one(StateLine)
            line.show(Text(text))
            await pilot.pause()
            return line.render_line(0).text

    return asyncio.run(run())


def test_a_text_is_shown_as_it_is() -> None:
    assert shown("3 of 9 [b]routes[/b]", 60).strip() == "3 of 9 [b]routes[/b]"


def test_a_text_without_room_is_cut() -> None:
    assert shown("3 of 9 routes", 10).strip() == "3 of 9 …"
