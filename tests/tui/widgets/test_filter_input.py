from __future__ import annotations

from typing import Any

import pytest

from tests.mesh.meshes import recorded

from ..driving import LARGE, Driven, drive


def frames_of(browser: Driven) -> list[str]:
    """What each frame from now on shows."""
    frames: list[str] = []
    display = browser.app._display

    def noted(screen: Any, renderable: Any) -> None:
        display(screen, renderable)
        frames.append(browser.text)

    browser.app._display = noted  # type: ignore[method-assign]
    return frames


@pytest.mark.parametrize(
    ("opening", "kept"),
    [(("v", "tab", "tab", "tab"), "filter v"), (("1",), "[v]")],
    ids=["scope", "table"],
)
def test_the_first_frame_of_a_letter_shows_what_it_leaves(opening: tuple[str, ...], kept: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press(*opening, "slash")
        assert kept not in browser.text
        frames = frames_of(browser)
        await browser.press("v")
        assert kept in frames[0]

    drive(recorded("bookinfo"), walk, size=LARGE)


def test_the_first_frame_of_a_move_in_scope_shows_what_it_narrows() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("v")
        frames = frames_of(browser)
        await browser.press("j")
        assert "CHAIN 1/" in frames[0]

    drive(recorded("bookinfo"), walk, size=LARGE)


def test_a_line_that_was_opened_again_is_empty_and_filters_nothing() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("1", "slash", "v", "enter", "slash")
        assert "[v]" in browser.text
        await browser.press("escape")
        assert "[v]" in browser.text

    drive(recorded("bookinfo"), walk, size=LARGE)
