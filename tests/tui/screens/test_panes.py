"""Panes that are made larger, on each screen that has several."""

from __future__ import annotations

import pytest

from ...mesh.meshes import recorded
from ..driving import LARGE, SMALL, Driven, drive

MESH = recorded("bookinfo")
TRACE, SCOPE = "trace productpage reviews", "scope productpage"


async def opened(browser: Driven, line: str, *keys: str) -> None:
    await browser.press("colon")
    await browser.type(line)
    await browser.press("enter", *keys)


def share(browser: Driven, pane: str) -> int:
    """Cells of a pane, in the direction in which the panes share."""
    screen = browser.app.screen
    region = screen.query_one(f"#{pane}").region
    return region.width if screen.has_class("wide") else region.height


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("line", "keys", "pane", "other"),
    [
        (TRACE, (), "outline", "why"),
        (TRACE, ("tab",), "why", "outline"),
        (SCOPE, ("l",), "column-1", "column-2"),
        ("effect vs/reviews", (), "table", "detail"),
        ("vs", ("G", "enter", "x"), "text", "other"),
        ("vs", ("G", "enter", "x", "tab"), "other", "text"),
    ],
)
def test_the_pane_with_the_keys_becomes_larger_and_smaller_again(
    line: str, keys: tuple[str, ...], pane: str, other: str, size: tuple[int, int]
) -> None:
    async def walk(browser: Driven) -> None:
        await opened(browser, line, *keys)
        at_first = share(browser, pane), share(browser, other)
        await browser.press("greater_than_sign", "greater_than_sign")
        assert share(browser, pane) > at_first[0]
        assert share(browser, other) < at_first[1]
        await browser.press("less_than_sign", "less_than_sign")
        assert (share(browser, pane), share(browser, other)) == at_first
        await browser.press(*["greater_than_sign"] * 30)
        assert share(browser, other) > 1, "no pane goes away"

    drive(MESH, walk, size=size)


def test_a_size_stays_when_the_terminal_changes_its_own() -> None:
    async def walk(browser: Driven) -> None:
        await opened(browser, TRACE, "greater_than_sign", "greater_than_sign")
        before = share(browser, "outline") / share(browser, "why")
        await browser.resize(*LARGE)
        assert browser.app.screen.has_class("wide")
        assert share(browser, "outline") / share(browser, "why") == pytest.approx(before, rel=0.2)
        assert browser.app.screen.query_one("#outline").region.height > LARGE[1] // 2

    drive(MESH, walk)


def test_a_pane_alone_says_so() -> None:
    async def walk(browser: Driven) -> None:
        await opened(browser, "vs", "G", "enter", "greater_than_sign")
        assert "no other pane" in browser.text
        await opened(browser, TRACE, "backslash", "greater_than_sign")
        assert "no other pane" in browser.text

    drive(MESH, walk)
