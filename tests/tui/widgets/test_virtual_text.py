from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from rich.cells import cell_len
from textual.app import App, ComposeResult

from meshscope.tui.text.folds import depths_of
from meshscope.tui.widgets.virtual_text import VirtualText

from ..driving import Driven


class TextApp(App[None]):
    def compose(self) -> ComposeResult:
        yield VirtualText(id="text")


def drive(lines: list[str], walk: Callable[[Driven, VirtualText], Awaitable[None]]) -> None:
    async def run() -> None:
        app = TextApp()
        async with app.run_test(size=(20, 10)) as pilot:
            text = app.query_one(VirtualText)
            text.show(lines, max(map(len, lines), default=0))
            text.focus()
            browser = Driven(app, pilot)
            await browser.settle()
            await walk(browser, text)

    asyncio.run(run())


LINES = [f"line: {index}" for index in range(1_000_000)]


def test_a_million_lines_scroll_to_their_ends() -> None:
    async def walk(browser: Driven, text: VirtualText) -> None:
        assert browser.lines[0].strip() == "line: 0"
        await browser.press("G")
        assert "line: 999999" in browser.text
        await browser.press("k", "g", "j", "j")
        assert text.current == 2
        await browser.press("ctrl+d", "ctrl+u")
        assert text.current == 2

    drive(LINES, walk)


def test_a_wide_line_is_read_sideways_and_0_goes_back() -> None:
    async def walk(browser: Driven, text: VirtualText) -> None:
        assert "end" not in browser.text
        await browser.press(*["l"] * 4)
        assert "the end" in browser.text
        await browser.press("h")
        assert text.scroll_offset.x
        await browser.press("0")
        assert not text.scroll_offset.x

    drive(["x" * 50 + " the end"], walk)


def test_a_mark_scrolls_to_its_line_and_its_place_in_it() -> None:
    async def walk(browser: Driven, text: VirtualText) -> None:
        text.mark("NEEDLE", 500)
        await browser.settle()
        assert "needle" in browser.text
        assert text.current == 500

    drive(["x"] * 500 + ["y" * 300 + "needle"] + ["x"] * 500, walk)


def test_wide_and_control_characters_keep_the_width() -> None:
    async def walk(browser: Driven, _text: VirtualText) -> None:
        for _ in range(5):
            assert {cell_len(line) for line in browser.lines} == {20}
            assert "\x1b" not in browser.text
            await browser.press("l")

    drive(["漢字" * 30, "\x1b[31m" * 10, "[bold]" * 10], walk)


def test_a_block_folds_and_opens_and_a_digit_folds_to_a_depth() -> None:
    lines = ["a:", "  b:", "    c: 1", "    d: 2", "  e: 3", "f: 4", "e: 5"]

    async def walk(browser: Driven, text: VirtualText) -> None:
        text.show(lines, 10, depths_of(lines))
        await browser.press("j", "z")
        assert browser.line("b:").strip() == "b: … 2 lines"
        await browser.press("J")
        assert text.current == 4
        await browser.press("asterisk")
        assert text.current == 6
        await browser.press("asterisk", "K", "z")
        assert text.current == 1
        assert "c: 1" in browser.text
        await browser.press("2")
        assert "c: 1" not in browser.text
        await browser.press("1")
        assert [line.strip() for line in browser.lines[:3]] == ["a: … 4 lines", "f: 4", "e: 5"]
        text.mark("d", 3)
        await browser.settle()
        assert text.current == 3
        await browser.press("1", "Z")
        assert "d: 2" in browser.text

    drive(lines, walk)


def test_a_million_lines_fold_at_once() -> None:
    lines = [f"{'  ' * (index % 4)}k{index}:" for index in range(1_000_000)]

    async def walk(browser: Driven, text: VirtualText) -> None:
        text.show(lines, 20, depths_of(lines))
        await browser.press("1", "G")
        assert text.current == 999_996
        assert "k999996:" in browser.text

    drive(lines, walk)
