from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.tui.widgets.key_line import GAP, STAY, fitting

from ...mesh.meshes import recorded
from ..driving import Driven, drive

KEYS = st.lists(st.tuples(st.text(min_size=1, max_size=3), st.text(max_size=9), st.just("")), max_size=12)


@given(KEYS, st.integers(0, 200))
def test_keys_have_room_and_the_last_ones_stay(keys: list[tuple[str, str, str]], cells: int) -> None:
    kept = fitting(keys, cells)
    size = sum(len(key) + 1 + len(description) + GAP for key, description, _ in kept) - GAP
    assert size <= cells or len(kept) <= STAY
    assert kept[-STAY:] == keys[-STAY:]
    first = kept[:-STAY]
    assert first == keys[: len(first)]


def test_the_way_out_is_always_there() -> None:
    async def walk(browser: Driven) -> None:
        for width in (30, 80, 200):
            await browser.resize(width, 24)
            assert browser.lines[-1].rstrip().endswith("? keys  q quit")
            assert "⏎ open" in browser.lines[-1]

    drive(recorded("bookinfo"), walk)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ((), "⏎ open  F faults only  t trace  v scope  : command  / filter  ? keys  q quit"),
        (("3",), "⏎ open  esc back  t trace  o owner  : command  / filter  ? keys  q quit"),
        (("colon", *"vs", "enter"), "⏎ open  esc back  t trace  i in effect?  : command  / filter  ? keys  q quit"),
        (
            ("colon", *"vs", "enter", "enter"),
            "esc back  / search  o owner  u users  x manifest  i in effect?  ? keys  q quit",
        ),
        (("v",), "⏎ open  esc back  space narrow  / filter  ⌫ release  t trace  ? keys  q quit"),
        (("t",), "⏎ open  esc back  e edit  y objects, changes  w all steps  ? keys  q quit"),
    ],
)
def test_at_eighty_columns_a_screen_shows_what_it_is_for(keys: tuple[str, ...], line: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press(*keys)
        assert browser.lines[-1].strip() == line

    drive(recorded("bookinfo"), walk)


def test_a_click_on_a_key_presses_it() -> None:
    async def walk(browser: Driven) -> None:
        await browser.click(browser.lines[-1].index("/ filter") + 2, 23)
        assert browser.app.focused is not None
        assert browser.app.focused.id == "filter"
        await browser.press("escape")
        await browser.click(browser.lines[-1].index("⏎ open"), 23)
        assert browser.page == "ListScreen"

    drive(recorded("bookinfo"), walk)


def test_the_keys_are_those_of_what_has_the_focus() -> None:
    async def walk(browser: Driven) -> None:
        assert "back" not in browser.lines[-1]
        await browser.press("1")
        assert "esc back" in browser.lines[-1]
        await browser.press("slash")
        assert "open" not in browser.lines[-1]

    drive(recorded("bookinfo"), walk)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("3", "slash"), "⏎ keep  esc back"),
        (("3", "plus"), "⏎ add it  ↑ above  ↓ below  esc back"),
        (("colon",), "⏎ run  ↑ earlier line  ↓ later line  tab complete  esc back"),
        (("t", "e"), "⏎ to the answer  esc back"),
        (("f",), "⏎ to the rows  esc back"),
        (("enter", "enter", "slash"), "⏎ stay there  esc back"),
        (("v", "slash"), "⏎ keep  esc back"),
    ],
)
def test_while_one_types_the_keys_are_those_of_the_line(keys: tuple[str, ...], line: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", *keys)
        assert browser.lines[-1].strip() == line
        await browser.press("escape")
        assert browser.lines[-1].rstrip().endswith("q quit")

    drive(recorded("bookinfo"), walk)
