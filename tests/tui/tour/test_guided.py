from __future__ import annotations

from pathlib import Path

from meshscope.tui.tour.guided import GuidedBrowser
from meshscope.tui.tour.lessons import ADDRESS, LESSONS, PROXY

from ...mesh.meshes import recorded
from ..driving import Driven, MadeOnTheSpot, Walk, drive_app
from ..terminal import Terminal, needs_tmux

WALK = (
    ("j", "j"),
    ("3",),
    ("slash", *"reviews", "enter"),
    ("G", "t"),
    ("e", "end", "space", "minus", *"H", "space", *"end-user:jason", "enter"),
    ("x",),
    ("colon", *"scope", "space", *PROXY, "enter"),
    ("j", "j", "space"),
    ("f", *(each if each.isalnum() else "full_stop" for each in ADDRESS)),
)
"""What a person does who reads the lessons."""


def guided(walk: Walk) -> None:
    drive_app(lambda: GuidedBrowser(MadeOnTheSpot(lambda _work: recorded("bookinfo")), ("demo",)), walk)


async def looked(browser: Driven) -> None:
    assert isinstance(browser.app, GuidedBrowser)
    browser.app.look()
    await browser.settle()


def test_who_does_what_the_lessons_ask_sees_all_of_them() -> None:
    async def walk(browser: Driven) -> None:
        await looked(browser)
        for number, keys in enumerate(WALK):
            assert f"{number + 1} of {len(LESSONS)}" in browser.text
            assert "leads back" not in browser.text
            await browser.press(*(_spelled(key) for key in keys))
            await looked(browser)
        assert f"{len(LESSONS)} of {len(LESSONS)}" in browser.text
        assert "ends the tour" in browser.text

    guided(walk)


def _spelled(key: str) -> str:
    return {"-": "minus", ":": "colon"}.get(key, key)


def test_a_lesson_can_be_left_out_and_after_the_last_one_the_browser_is_as_ever() -> None:
    async def walk(browser: Driven) -> None:
        await looked(browser)
        before = browser.lines[-1]
        for number in range(len(LESSONS)):
            assert f"{number + 1} of {len(LESSONS)}" in browser.text
            await browser.press("ctrl+n")
        assert f"of {len(LESSONS)} " not in browser.text
        assert browser.lines[-1] == before
        await browser.press("ctrl+n", "j", "3")
        await looked(browser)
        assert browser.page == "ListScreen"
        assert f"of {len(LESSONS)} " not in browser.text

    guided(walk)


def test_who_went_astray_is_told_the_way_back() -> None:
    async def walk(browser: Driven) -> None:
        await looked(browser)
        await browser.press("ctrl+n", "ctrl+n")
        assert ": routes productpage ⏎ leads back" in browser.text
        await browser.press("colon", *"routes", "space", *PROXY, "enter")
        await looked(browser)
        assert "leads back" not in browser.text

    guided(walk)


def test_a_list_of_keys_is_left_alone() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("question_mark")
        await looked(browser)
        assert browser.page == "HelpScreen"
        await browser.press("escape")
        await looked(browser)
        assert "1 of" in browser.text

    guided(walk)


@needs_tmux
def test_the_tour_runs_in_a_terminal_on_the_bundled_recording(tmp_path: Path) -> None:
    with Terminal("ui", "--tour", home=tmp_path, width=80, height=24) as terminal:
        terminal.wait_for("9 proxies", "1 of 10")
        terminal.press("j", "j")
        terminal.wait_for("2 of 10")
        terminal.press("3")
        terminal.wait_for("3 of 10", "23 routes")
        terminal.press("q")
        terminal.wait_for("left with 0")
