from __future__ import annotations

from meshscope.cli.ui import Opening
from meshscope.collect.live import Live

from ..recordings import BOOKINFO
from .driving import Driven, Walk, drive_sources

NAMES = (
    "productpage",
    "reviews",
    "ratings",
    "details",
    "bookinfo",
    "jason",
    "10.20.0.",
    "10.96.0.",
    str(BOOKINFO),
    BOOKINFO.name,
)
SCREENS = (
    (),
    ("3",),
    ("enter",),
    ("escape", "escape", "v"),
    ("escape", "colon", *"vs", "enter"),
    ("enter",),
    ("i",),
    ("escape", "escape", "escape", "colon", *"endpoints", "enter"),
)


def walk(steps: Walk) -> None:
    drive_sources(Opening(Live(), ""), steps, size=(200, 60), sources=(str(BOOKINFO),))


def test_no_screen_of_the_anonymised_view_tells_a_name() -> None:
    async def steps(browser: Driven) -> None:
        await browser.press("m", "A")
        assert "productpage" in browser.text
        await browser.press("P")
        for keys in SCREENS:
            await browser.press(*keys)
            assert len(browser.text) > 200
            assert not [name for name in NAMES if name in browser.text], browser.text

    walk(steps)


def test_what_would_tell_names_is_not_offered_there() -> None:
    async def steps(browser: Driven) -> None:
        await browser.press("m", "A", "colon", *"routes", "enter", "escape", "P")
        await browser.press("dollar_sign")
        assert "no line of a shell" in browser.text
        await browser.press("apostrophe", "A")
        assert "no mark A" in browser.text
        await browser.press("colon", "up")
        assert ":routes" not in browser.text
        await browser.press("escape", "r", "j")
        assert "anonymised" in browser.lines[0]
        await browser.press("Q")
        assert not browser.app.last_line  # type: ignore[attr-defined]  # the browser's

    walk(steps)


def test_the_same_key_brings_the_names_back() -> None:
    async def steps(browser: Driven) -> None:
        before = browser.text
        await browser.press("P")
        assert browser.text != before
        await browser.press("P")
        assert browser.text == before

    walk(steps)


def test_a_picture_of_it_is_anonymised_too() -> None:
    async def steps(browser: Driven) -> None:
        await browser.press("P")
        image = browser.app.export_screenshot()
        assert "anonymised" in image
        assert not [name for name in NAMES if name in image]

    walk(steps)
