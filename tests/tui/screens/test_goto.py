"""`@`: anything by some letters of its name."""

from __future__ import annotations

import pytest

from ...mesh.meshes import recorded
from ..driving import LARGE, SMALL, Driven, drive

MESH = recorded("bookinfo")


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("vs rvws", "virtualservice reviews.default"),
        ("proxy pdpg", "listeners · productpage-v1"),
        ("cl v3 reviews", "cluster o"),
    ],
)
def test_letters_and_enter_go_there_and_esc_comes_back(typed: str, title: str, size: tuple[int, int]) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("at")
        await browser.type(typed)
        await browser.press("enter")
        assert title[:18] in browser.lines[0]
        await browser.press("escape")
        assert browser.page == "HomeScreen"

    drive(MESH, walk, size=size)


def test_enter_does_not_wait_for_what_is_still_looked_for() -> None:
    async def walk(browser: Driven) -> None:
        for key in ("at", *"ratings", "enter"):
            await browser.tap(key)
        await browser.settle()
        assert browser.page == "ObjectScreen"

    drive(MESH, walk)


def test_the_arrows_choose_another_one_and_esc_leaves() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("at", *"reviews", "down", "enter")
        assert "reviews.default" in browser.lines[0]
        await browser.press("at", "escape")
        assert browser.page == "ObjectScreen"

    drive(MESH, walk)


def test_where_nothing_has_the_letters_it_says_what_finds_more() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("at", *"zzqx", "enter")
        assert browser.page == "GotoScreen"
        assert "0 of " in browser.text
        assert "f finds values too" in browser.text

    drive(MESH, walk)
