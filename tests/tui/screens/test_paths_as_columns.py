"""`+` in a table: the list narrows, and a path into the objects becomes a column like any other."""

from __future__ import annotations

import shlex

import pytest

from ...cli.running import answer
from ...mesh.meshes import recorded
from ..driving import LARGE, Driven, Walk, drive, drive_sources
from ..renewing import Turns, proxy, snapshot

MESH = recorded("bookinfo")


def walked(walk: Walk, size: tuple[int, int] = LARGE) -> None:
    drive(MESH, walk, size=size)


async def virtual_services(browser: Driven, *keys: str) -> None:
    await browser.type(":virtualservices")
    await browser.press("enter", "plus", *keys)


def test_the_list_narrows_while_one_types_and_enter_takes_the_best() -> None:
    async def walk(browser: Driven) -> None:
        await virtual_services(browser)
        assert "+ spec.hosts" in browser.text
        assert "+ metadata.labels" not in browser.text
        await browser.type("spcrtsbst")
        assert "+ spec.http[*].route[*].destination.subset" in browser.text
        assert "+ spec.hosts" not in browser.text
        await browser.press("enter")
        assert "spec.http[*].route[*].destination.subset" in browser.lines[1]
        assert browser.page == "ListScreen"
        assert any(" v1" in line for line in browser.lines[2:])
        await browser.press("plus", *"spcrtsbst")
        assert "+ spec.http[*].route[*].destination.subset" not in browser.text

    walked(walk)


def test_nothing_is_chosen_where_nothing_is_left_and_escape_closes_the_list() -> None:
    async def walk(browser: Driven) -> None:
        await virtual_services(browser)
        titles = browser.lines[1]
        await browser.press(*"qqqq", "enter")
        assert browser.app.screen.query("#chooser.open")
        await browser.press("down", "up", "escape")
        assert not browser.app.screen.query("#chooser.open")
        assert browser.lines[1] == titles
        await browser.press("j")
        assert browser.page == "ListScreen"

    walked(walk)


def test_a_path_is_filtered_sorted_and_kept_in_a_mark() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "j", "4", "plus", *"connect_timeout", "enter", "slash")
        await browser.type("connect_timeout=10s")
        await browser.press("enter")
        assert "[connect_timeout=10s]" in browser.text
        assert " of " in browser.lines[-2]
        shown = browser.lines[1:-2]
        await browser.press("m", "a", "escape", "apostrophe", "a")
        assert browser.lines[1:-2] == shown
        await browser.press("backspace", "l", "s")
        assert "by connect_timeout ▲" in browser.text

    walked(walk)


def test_a_renewal_keeps_the_column_and_reads_it_anew() -> None:
    opener = Turns(file=(snapshot(proxy("web-1.shop", "a")), snapshot(proxy("web-1.shop", "a", "b"))))

    async def walk(browser: Driven) -> None:
        await browser.press("3", "plus", *"route.cluster", "enter")
        assert "route.cluster" in browser.lines[1]
        await browser.press("r")
        assert "route.cluster" in browser.lines[1]
        assert "2 routes" in browser.text
        assert browser.line("to-b").split().count("b") >= 2

    drive_sources(opener, walk, sources=("file",), size=LARGE)


def test_home_has_its_columns_alone() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("plus", *"zzz", "escape")
        assert browser.page == "HomeScreen"

    walked(walk)


def test_the_line_of_a_shell_makes_the_added_columns_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    async def walk(browser: Driven) -> None:
        await virtual_services(browser)
        await browser.type("spec.hosts")
        await browser.press("enter", "minus", "dollar_sign")
        assert "not in it" not in browser.text
        seen.update(line=browser.app.clipboard, titles=browser.lines[1])

    walked(walk)
    asked = answer(monkeypatch, shlex.split(seen["line"])[1:], terminal=False)
    assert asked.out.splitlines()[0].split() == seen["titles"].split()
    assert "spec.hosts" in seen["titles"]
    assert "bookinfo.example.com" in asked.out


def test_the_line_of_a_shell_stays_short_for_the_usual_columns() -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(":virtualservices")
        await browser.press("enter", "dollar_sign")
        assert browser.app.clipboard == "meshscope get virtualservices.networking.istio.io --from demo"

    walked(walk)
