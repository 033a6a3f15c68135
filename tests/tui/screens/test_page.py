"""What all screens share, on Home: the command line, its completion and history, lines of trouble and notice."""

from __future__ import annotations

from textual.widgets import Input

from ...mesh.meshes import recorded
from ..driving import Driven, Walk, drive
from ..sick import hostile, sick


def bookinfo(walk: Walk) -> None:
    drive(recorded("bookinfo"), walk)


def typed(browser: Driven) -> str:
    return browser.app.screen.query_one("#command", Input).value


def test_a_kind_and_a_proxy_open_a_list() -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(":clusters productpage")
        await browser.press("enter")
        assert "clusters · productpage" in browser.lines[0]

    bookinfo(walk)


def test_an_unknown_word_is_said_with_the_nearest_and_the_line_stays_open() -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(":clusterz")
        await browser.press("enter")
        assert "no command or kind 'clusterz'; did you mean clusters" in browser.text
        assert typed(browser) == "clusterz"
        await browser.press("backspace")
        assert "no command" not in browser.text
        await browser.type("s")
        await browser.press("enter")
        assert browser.page == "ListScreen"

    bookinfo(walk)


def test_an_unknown_proxy_is_said() -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(":clusters produktpage")
        await browser.press("enter")
        assert "no proxy 'produktpage'" in browser.text

    bookinfo(walk)


def test_escape_closes_the_line_and_gives_the_table_its_keys_back() -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(":clus")
        await browser.press("escape", "j")
        assert browser.pointed.startswith("details-v1-deeb20a156-ffa25")

    bookinfo(walk)


def test_tab_takes_the_completion_of_a_kind_and_of_a_proxy() -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(":clus")
        await browser.press("tab")
        assert typed(browser) == "clusters"
        await browser.type(" sleep-4c")
        await browser.press("tab")
        assert typed(browser) == "clusters sleep-4c000f4388-b71ee.default"

    bookinfo(walk)


def test_up_recalls_earlier_lines_also_of_other_screens() -> None:
    async def walk(browser: Driven) -> None:
        for line in (":clusters", ":routes", ":routes"):
            await browser.type(line)
            await browser.press("enter")
        await browser.press("colon", "up")
        assert typed(browser) == "routes"
        await browser.press("up")
        assert typed(browser) == "clusters"
        await browser.press("up", "down", "down")
        assert typed(browser) == ""

    bookinfo(walk)


def test_home_leads_home_from_anywhere_and_quit_leaves() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("1", "enter")
        await browser.type(":home")
        await browser.press("enter")
        assert browser.page == "HomeScreen"
        await browser.type(":q")
        await browser.tap("enter")

    bookinfo(walk)


def test_a_notice_goes_with_the_next_key() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("c")
        assert "copied" in browser.text
        await browser.press("escape")
        assert "copied" not in browser.text

    drive(sick(), walk)


def test_completions_are_printable() -> None:
    async def walk(browser: Driven) -> None:
        for beginning in ("", "\x1b", "a", "[", "x", "new"):
            lines = list(browser.app.screen._completions(f"clusters {beginning}"))  # type: ignore[attr-defined]  # a Page
            assert all(line.isprintable() for line in lines)

    drive(hostile(), walk)
