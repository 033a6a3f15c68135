from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.tui.widgets.key_line import fitting

from ...mesh.meshes import recorded
from ..driving import Driven, drive

KEYS = st.lists(st.tuples(st.text(min_size=1, max_size=3), st.text(max_size=9), st.just("")), max_size=12)


@given(KEYS, st.integers(0, 200))
def test_keys_have_room_and_the_last_one_stays(keys: list[tuple[str, str, str]], cells: int) -> None:
    kept = fitting(keys, cells)
    size = sum(len(key) + len(description) + 3 for key, description, _ in kept) - 2
    assert size <= cells or len(kept) <= 1
    assert kept[-1:] == keys[-1:]
    assert kept[:-1] == keys[: max(0, len(kept) - 1)]


def test_the_way_out_is_always_there() -> None:
    async def walk(browser: Driven) -> None:
        for width in (30, 80, 200):
            await browser.resize(width, 24)
            assert browser.lines[-1].rstrip().endswith("q quit")
            assert "⏎ open" in browser.lines[-1]

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
