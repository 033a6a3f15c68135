from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from meshscope.listing import glyphs
from meshscope.render.text import width
from meshscope.tui.app import Browser
from meshscope.tui.ascii import in_ascii
from meshscope.tui.preferences.settings import DEFAULTS

from ..mesh.meshes import recorded
from .driving import Driven, MadeOnTheSpot, drive_app


@given(st.text(st.characters(exclude_categories=["C"])))
@example("✓ ─│┌ ▁█ 汉字 é")
def test_a_line_in_ascii_is_as_wide_as_before(text: str) -> None:
    assert in_ascii(text).isascii()
    assert width(in_ascii(text)) == width(text)


def test_states_stay_different() -> None:
    states = [glyphs.ERROR, glyphs.WARNING, glyphs.WELL, glyphs.PENDING, glyphs.ABSENT]
    assert len(set(map(in_ascii, states))) == len(states)


def test_every_line_of_the_screen_is_drawn_in_ascii_where_the_terminal_has_nothing_else() -> None:
    async def walk(browser: Driven) -> None:
        assert browser.text.isascii()
        assert browser.line(">").startswith(">    details-v1")
        await browser.press("question_mark")
        assert browser.text.isascii()

    settings = replace(DEFAULTS, is_ascii=True)
    drive_app(lambda: Browser(MadeOnTheSpot(lambda _work: recorded("bookinfo")), ("demo",), settings=settings), walk)
