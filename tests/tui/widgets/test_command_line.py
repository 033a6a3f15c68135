from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from meshscope.tui.widgets.command_line import CommandLine


class Alone(App[None]):
    def compose(self) -> ComposeResult:
        yield CommandLine(lambda line: [f"{line}|done", f"{line}|other"], placeholder="", id="command")


def with_line(history: list[str], walk: Callable[[CommandLine, Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        app = Alone()
        async with app.run_test() as pilot:
            line = app.query_one(CommandLine)
            line.open(history)
            await walk(line, pilot)

    asyncio.run(run())


def test_tab_takes_the_first_completion() -> None:
    async def walk(line: CommandLine, pilot: Pilot[None]) -> None:
        await pilot.press("r", "tab")
        assert line.value == "r|done"

    with_line([], walk)


def test_an_empty_line_has_no_completion() -> None:
    async def walk(line: CommandLine, pilot: Pilot[None]) -> None:
        await pilot.press("tab")
        assert line.value == ""

    with_line([], walk)


def test_a_line_is_remembered_once_and_recalled_by_up() -> None:
    history: list[str] = []

    async def walk(line: CommandLine, pilot: Pilot[None]) -> None:
        for text in ("a", "a", "  ", "b"):
            line.value = text
            line.remember()
        assert history == ["a", "b"]
        await pilot.press("up", "up", "up")
        assert line.value == "a"
        await pilot.press("down")
        assert line.value == "b"
        await pilot.press("down", "down")
        assert line.value == ""

    with_line(history, walk)
