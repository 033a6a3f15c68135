"""Keys of a burst, as a slow line or a paste sends them: posted at once, none waiting for what the one before did."""

from __future__ import annotations

from textual import events
from textual.keys import _character_to_key

from ..mesh.meshes import recorded
from .driving import Driven, drive


def burst(browser: Driven, text: str) -> None:
    for character in text:
        key = "enter" if character == "\n" else _character_to_key(character)
        browser.app.post_message(events.Key(key, character))


def test_letters_of_a_burst_are_those_of_the_line_that_its_first_key_opens() -> None:
    async def walk(browser: Driven) -> None:
        burst(browser, ":trace productpage reviews\n")
        await browser.settle()
        assert browser.page == "TraceScreen"
        assert "delivered on each of 2 ways" in browser.text

    drive(recorded("bookinfo"), walk)


def test_a_key_after_the_enter_of_a_line_is_no_letter_of_it() -> None:
    async def walk(browser: Driven) -> None:
        burst(browser, "/reviews\nj")
        await browser.settle()
        assert "3 of 9 proxies  [reviews]" in browser.text
        assert "reviews-v2" in browser.pointed

    drive(recorded("bookinfo"), walk)


def test_keys_that_open_screens_go_to_the_screens_that_they_open() -> None:
    async def walk(browser: Driven) -> None:
        burst(browser, "jj3")
        await browser.settle()
        assert "routes · productpage" in browser.lines[0]

    drive(recorded("bookinfo"), walk)
