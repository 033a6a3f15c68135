from __future__ import annotations

from typing import Any

import pytest

from meshscope.errors import UsageError
from meshscope.tui.commands import ShowScope, command_of
from meshscope.tui.screens.scope import ScopeScreen
from tests.mesh.meshes import bootstrap, clusters, dump, eds, listeners, mesh_of, recorded, routes, table, tcp_listener

from ..driving import LARGE, Driven, drive


def titles(browser: Driven) -> list[str]:
    """The headers of the columns on the screen."""
    return [part.strip() for part in browser.lines[1].split("▏")]


async def open_scope(browser: Driven) -> None:
    await browser.press("colon")
    await browser.type("scope productpage")
    await browser.press("enter")


def scope(walk: Any, *sections: dict[str, Any], size: tuple[int, int] = (80, 24)) -> None:
    """Walks in the scope of the only proxy of a dump, of a recorded one without a dump."""

    async def opened(browser: Driven) -> None:
        if sections:
            await browser.press("v")
        else:
            await open_scope(browser)
        assert isinstance(browser.app.screen, ScopeScreen)
        await walk(browser)

    drive(mesh_of(dump(bootstrap(), *sections)) if sections else recorded("bookinfo"), opened, size=size)


def test_five_columns_are_side_by_side_on_a_wide_terminal() -> None:
    async def walk(browser: Driven) -> None:
        assert titles(browser) == ["LISTENER 11", "CHAIN 23", "ROUTE 52", "CLUSTER 29", "ENDPOINT 27"]

    scope(walk, size=LARGE)


def test_three_columns_slide_on_a_narrow_terminal_and_the_others_are_counted() -> None:
    async def walk(browser: Driven) -> None:
        assert titles(browser) == ["LISTENER 11", "CHAIN 23", "ROUTE 52"]
        assert browser.lines[0].rstrip().endswith("29 clusters, 27 endpoints ▸")
        await browser.press("tab", "l", "right")
        assert titles(browser) == ["ROUTE 52", "CLUSTER 29", "ENDPOINT 27"]
        await browser.press("shift+tab", "h", "left")
        assert titles(browser) == ["LISTENER 11", "CHAIN 23", "ROUTE 52"]

    scope(walk)


def test_moving_narrows_the_other_columns_and_backspace_releases_them() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j")
        assert titles(browser)[:2] == ["LISTENER 11", "CHAIN 1/23"]
        await browser.press("tab")
        assert "narrowed by listener" in browser.text
        await browser.press("backspace")
        assert titles(browser)[:2] == ["LISTENER 11", "CHAIN 23"]
        assert "narrowed by" not in browser.text

    scope(walk, size=LARGE)


def test_space_selects_the_line_under_the_cursor() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("space")
        assert titles(browser)[1] == "CHAIN 1/23"
        assert browser.pointed.startswith("0.0.0.0_")

    scope(walk, size=LARGE)


def test_a_click_focuses_a_column_and_selects_a_line_and_another_one_opens_it() -> None:
    async def walk(browser: Driven) -> None:
        x = browser.lines[1].index("CLUSTER")
        y = next(y for y, line in enumerate(browser.lines) if line[x:].startswith("kubernetes"))
        await browser.click(x, y)
        assert titles(browser)[0] == "LISTENER 1/11"
        assert "cluster outbound|443||kubernetes" in browser.text
        await browser.click(x, y)
        assert browser.page == "ObjectScreen"

    scope(walk, size=LARGE)


def test_a_filter_searches_the_focused_column_and_escape_gives_it_up() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("tab", "tab", "tab", "slash")
        await browser.type("reviews")
        await browser.press("enter")
        assert titles(browser)[3] == "CLUSTER 7/29 /reviews"
        assert "7 of 29 clusters · filter reviews" in browser.text
        await browser.press("slash", "escape")
        assert titles(browser)[3] == "CLUSTER 29"
        assert browser.page == "ScopeScreen"

    scope(walk, size=LARGE)


def test_enter_opens_the_object_and_escape_comes_back_to_the_same_place() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "enter")
        assert browser.page == "ObjectScreen"
        await browser.press("escape")
        assert titles(browser)[1] == "CHAIN 1/23"
        await browser.press("escape")
        assert browser.page == "HomeScreen"

    scope(walk, size=LARGE)


def test_resizing_keeps_selection_and_focus() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "tab")
        before = browser.lines[-2]
        await browser.resize(160, 30)
        assert len(titles(browser)) == 5
        await browser.resize(80, 24)
        assert titles(browser)[1] == "CHAIN 1/23"
        assert browser.lines[-2] == before

    scope(walk)


def test_what_does_not_exist_glows_and_does_not_open() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("tab", "tab", "tab", "space")
        assert "⚠ no such cluster" in browser.text
        assert titles(browser)[0] == "LISTENER 1/2"
        await browser.press("enter")
        assert browser.page == "ScopeScreen"

    here = listeners(tcp_listener("l", "outbound|80|v4|reviews"), tcp_listener("m", "zoo"))
    scope(walk, here, clusters(eds("zoo")), size=LARGE)


def test_markup_in_names_is_shown() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("tab", "tab", "tab", "space")
        assert "[red]a[/red]" in browser.text

    scope(walk, routes(table("r", cluster="[red]a[/red]")), clusters(), size=LARGE)


def test_a_proxy_without_configuration_says_so() -> None:
    async def walk(browser: Driven) -> None:
        assert "esc goes back" in browser.text
        await browser.press("j", "G", "g", "space", "enter", "backspace", "tab", "slash", "a", "enter")
        assert browser.page == "ScopeScreen"

    scope(walk, {})


def test_the_command_takes_one_proxy() -> None:
    mesh = recorded("bookinfo")
    found = command_of("scope productpage", mesh)
    assert isinstance(found, ShowScope)
    assert found.proxy.startswith("productpage-v1")
    with pytest.raises(UsageError, match="scope takes one proxy"):
        command_of("scope", mesh)
    with pytest.raises(UsageError):
        command_of("scope no-such-proxy", mesh)
