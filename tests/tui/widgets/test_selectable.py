from __future__ import annotations

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from meshscope.tui.widgets.selectable import Selectable

from ...mesh.meshes import recorded
from ..driving import Driven, drive

BOOKINFO = recorded("bookinfo")
WIDGETS = (
    (("3",), "#table"),
    (("3", "enter"), "#text"),
    (("t", "e", *"productpage", "space", *"reviews", "enter"), "#outline"),
    (("v",), "#column-0"),
)


@pytest.mark.parametrize(("keys", "name"), WIDGETS)
def test_what_the_mouse_drags_over_is_selected_and_copied(keys: tuple[str, ...], name: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "j", *keys)
        page, widget = browser.page, browser.app.screen.query_one(name, Selectable)
        lines = [widget.draw_line(y).text for y in (4, 5)]
        await browser.drag(name, (3, 4), (8, 5))
        assert browser.app.screen.get_selected_text() == f"{lines[0][3:].rstrip()}\n{lines[1][:9].rstrip()}"
        await browser.press("ctrl+c")
        assert browser.app.clipboard == f"{lines[0][3:].rstrip()}\n{lines[1][:9].rstrip()}"
        assert browser.page == page

    drive(BOOKINFO, walk)


def test_what_is_selected_is_seen_and_a_click_ends_it() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3")
        table = browser.app.screen.query_one("#table", Selectable)
        before = table.draw_line(3).text
        await browser.drag("#table", (2, 3), (6, 3))
        shown, style = table.render_line(3), browser.app.screen.get_component_rich_style("screen--selection")
        assert shown.text == before
        assert [each.text for each in shown if each.style and each.style.bgcolor == style.bgcolor]
        await browser.click(30, 6)
        assert not browser.app.screen.get_selected_text()

    drive(BOOKINFO, walk)


def test_all_that_is_on_the_screen_is_all() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3")
        table = browser.app.screen.query_one("#table", Selectable)
        text, _ = table.get_selection(Selection(None, None))
        assert len(text.split("\n")) == table.scrollable_content_region.height
        assert text.startswith("  NAME")
        assert table.get_selection(Selection(Offset(900, 1), Offset(901, 1)))[0] == ""

    drive(BOOKINFO, walk)


def test_a_double_click_opens_and_selects_nothing() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3")
        await browser.click(5, 3)
        await browser.click(5, 3)
        assert browser.page == "ObjectScreen"
        assert not browser.app.screen.get_selected_text()

    drive(BOOKINFO, walk)
