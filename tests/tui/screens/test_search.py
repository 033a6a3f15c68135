from __future__ import annotations

import asyncio

from ...mesh.meshes import recorded
from ..driving import Driven, drive

MESH = recorded("bookinfo")
WAIT = 0.4
"""Seconds, longer than the pause after which a search begins."""


async def search(browser: Driven, *keys: str) -> None:
    await browser.press(*keys)
    await asyncio.sleep(WAIT)
    await browser.settle()


def test_f_finds_while_the_user_types_and_enter_opens_the_object() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("f")
        assert "an IP, IP:port, a host" in browser.text
        await search(browser, *"10", "full_stop", *"20", "full_stop", *"0", "full_stop", *"21")
        assert "mentions in 9 proxies and the manifests" in browser.text
        await browser.press("enter", "enter")
        assert browser.page == "ObjectScreen"
        assert "10.20.0.21" in browser.text
        await browser.press("escape")
        assert browser.page == "SearchScreen"
        await browser.press("escape")
        assert browser.page == "HomeScreen"

    drive(MESH, walk)


def test_enter_does_not_wait_for_the_pause_and_goes_to_the_rows_when_they_come() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("f", *"jason", "enter")
        await browser.press("w")
        assert "searching" not in browser.text
        assert "jason$" not in browser.text
        assert "jasonw" not in browser.text

    drive(MESH, walk)


def test_the_command_line_finds_a_text() -> None:
    async def walk(browser: Driven) -> None:
        await search(browser, "colon", *"find vs", "slash", *"reviews", "full_stop", *"default", "enter")
        assert browser.page == "SearchScreen"
        assert "vs/reviews.default" in browser.lines[0]
        assert "mentions in 8 proxies and the manifests" in browser.text

    drive(MESH, walk)


def test_another_text_takes_the_place_of_the_first() -> None:
    async def walk(browser: Driven) -> None:
        await search(browser, "f", *"ratings")
        assert "mentions in" in browser.text
        await search(browser, "x", "x", "x")
        assert "nothing mentions 'ratingsxxx'" in browser.text
        await search(browser, *["backspace"] * 3)
        assert "mentions in" in browser.text
        await search(browser, "ctrl+u")
        assert "an IP, IP:port, a host" in browser.text

    drive(MESH, walk)


def test_w_shows_the_values() -> None:
    async def walk(browser: Driven) -> None:
        await search(browser, "f", *"ratings")
        await browser.press("down")
        assert "VALUE" not in browser.text
        await browser.press("w")
        assert "VALUE" in browser.text

    drive(MESH, walk, size=(160, 48))


def test_an_ambiguous_kind_is_explained() -> None:
    async def walk(browser: Driven) -> None:
        await search(browser, "f", *"gateway", "slash", "x")
        assert "'gateway' is ambiguous" in browser.text

    drive(MESH, walk)
