from __future__ import annotations

from meshscope.tui.commands import command_of
from meshscope.tui.help_view import command_lines

from ...mesh.meshes import recorded
from ..driving import Driven, drive

MESH = recorded("bookinfo")


def test_the_keys_of_the_screen_are_listed_and_esc_leaves_all_as_it_was() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("question_mark")
        assert "faults only" in browser.text
        await browser.press("escape")
        assert browser.page == "HomeScreen"

    drive(MESH, walk)


def test_a_key_is_found_by_what_it_does_and_run() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("question_mark", *"endpo", "enter")
        assert browser.page == "ListScreen"
        assert "endpoints" in browser.lines[0]

    drive(MESH, walk)


def test_the_arrows_choose_while_the_user_types() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("question_mark", *"listeners")
        before = browser.text
        await browser.press("down", "up")
        assert browser.text == before
        await browser.press("enter")
        assert "listeners" in browser.lines[0]

    drive(MESH, walk)


def test_where_no_key_does_it_enter_does_nothing() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("question_mark", *"zzz", "enter")
        assert browser.page == "HelpScreen"
        await browser.press("question_mark")
        assert browser.page == "HelpScreen"

    drive(MESH, walk)


def test_the_palette_has_the_commands_too() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("ctrl+p", *"secrets", "enter")
        assert browser.page == "ListScreen"
        assert "secrets" in browser.lines[0]
        await browser.press("ctrl+p", *"glance", "enter")
        assert browser.page == "HomeScreen"
        await browser.press("ctrl+p", *"faults", "enter")
        assert "fault" in browser.lines[-2], "a key of the screen runs from there as well"

    drive(MESH, walk)


def test_every_command_of_the_palette_is_one() -> None:
    async def walk(browser: Driven) -> None:
        for line in command_lines(browser.app):
            assert command_of(line.keys[0].removeprefix(":"), MESH)

    drive(MESH, walk)
