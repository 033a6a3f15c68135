"""Bookmarks by their keys, on the screens that can be marked."""

from __future__ import annotations

import asyncio

import pytest

from meshscope.listing.home import home_view
from meshscope.tui.messages import SessionOpened
from meshscope.tui.screens.marked import LIST_AFTER
from meshscope.tui.session import Session

from ...mesh.meshes import recorded
from ..driving import LARGE, Driven, drive

MESH = recorded("bookinfo")


async def pause(browser: Driven) -> None:
    await asyncio.sleep(2 * LIST_AFTER)
    await browser.settle()


@pytest.mark.parametrize(
    ("line", "page"),
    [
        ("routes productpage", "ListScreen"),
        ("trace productpage reviews", "TraceScreen"),
        ("scope productpage", "ScopeScreen"),
        ("home", "HomeScreen"),
    ],
)
def test_a_letter_marks_a_place_and_goes_back_to_it(line: str, page: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("colon")
        await browser.type(line)
        await browser.press("enter", "m", "q")
        assert "' q comes back to" in browser.text
        await browser.press("escape", "colon", *"secrets", "enter", "apostrophe", "q")
        assert browser.page == page
        await browser.press("apostrophe", "z")
        assert "no mark z" in browser.text
        await browser.press("apostrophe")
        await pause(browser)
        assert browser.page == "MarksScreen"
        await browser.press("q")
        assert browser.page == page

    drive(MESH, walk)


def test_a_table_is_found_again_with_its_row_and_an_object_by_its_name() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("colon", *"clusters", "enter", *"jjjjj")
        before = browser.pointed
        await browser.press("m", "a", "enter", "m", "B", "escape", "escape", "apostrophe", "a")
        assert browser.pointed == before
        await browser.press("apostrophe")
        await pause(browser)
        await browser.press("down", "enter")
        assert browser.page in ("ObjectScreen", "ListScreen")
        await browser.press("apostrophe", "B")
        assert browser.page == "ObjectScreen"

    drive(MESH, walk)


def test_a_table_is_found_again_with_its_filters() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("colon", *"clusters", "enter", "slash")
        await browser.type("reviews !v1")
        await browser.press("enter")
        before = browser.lines[1:-2]
        await browser.press("m", "a", "escape", "apostrophe", "a")
        assert browser.lines[1:-2] == before
        assert "[reviews]" in browser.text
        await browser.press("backspace", "backspace")
        assert "[" not in browser.lines[-2], "they are released as any filter"

    drive(MESH, walk)


def test_scope_is_found_again_with_what_narrows_it() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("colon")
        await browser.type("scope productpage")
        await browser.press("enter", "l", "l", "slash", *"reviews", "enter", "j", "space", "l")
        before = browser.lines[1:]
        await browser.press("m", "a", "j", "l", "backspace", "escape", "apostrophe", "a")
        assert browser.page == "ScopeScreen"
        assert browser.lines[1:] == before
        assert "narrowed by" in browser.text
        await browser.press("h")
        assert "filter reviews" in browser.text

    drive(MESH, walk, size=LARGE)


def test_without_marks_it_says_how_to_set_one_and_other_keys_do_nothing() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("apostrophe")
        await pause(browser)
        assert "no marks yet" in browser.text
        await browser.press("x", "q", "f", "question_mark", "escape")
        assert browser.page == "HomeScreen"
        await browser.press("m", "escape", "apostrophe")
        await pause(browser)
        assert "no marks yet" in browser.text

    drive(MESH, walk)


def test_an_empty_search_cannot_be_marked() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("f", "tab", "m")
        assert browser.page == "SearchScreen"

    drive(MESH, walk)


def test_capitals_outlive_a_change_of_source() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("m", "a", "m", "A")
        other = Session(MESH, ("other",))
        browser.app.post_message(SessionOpened(other, home_view(MESH, "")))
        await browser.settle()
        assert set(other.marks) == {"A"}

    drive(MESH, walk)


def test_what_one_went_back_from_opens_again() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("right_square_bracket")
        assert "nothing that you went back from" in browser.text
        await browser.press("j", "j", "3", "slash", *"jason", "enter", "enter")
        there = browser.lines[0]
        await browser.press("left_square_bracket", "escape")
        assert browser.page == "HomeScreen"
        await browser.press("right_square_bracket")
        assert "[jason]" in browser.text
        await browser.press("right_square_bracket")
        assert browser.lines[0] == there

    drive(recorded("bookinfo"), walk)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("v",), "meshscope ui --from demo"),
        (("j", "j", "3", "enter"), "meshscope describe 'routes/InboundPassthroughCluster"),
        (("colon", *"find", "space", *"jason", "enter", "enter"), "meshscope find jason --from demo"),
    ],
)
def test_every_screen_says_its_line_of_a_shell(keys: tuple[str, ...], line: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press(*keys[:-1])
        await browser.press(keys[-1])
        await browser.press("dollar_sign")
        assert line in browser.text
        assert "copied this line" in browser.text

    drive(recorded("bookinfo"), walk, size=LARGE)
