"""The keys of tables, on routes and clusters of the bundled recording."""

from __future__ import annotations

from textual.widgets import Input

from meshscope.listing.kind import kind_of_name
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.tui.copied import cache_file
from meshscope.tui.screens.table_page import TablePage

from ...mesh.meshes import recorded
from ..driving import Driven, Walk, drive


def routes(walk: Walk) -> None:
    drive(recorded("bookinfo"), walk)


def state_of(browser: Driven) -> str:
    (line,) = (line for line in browser.lines if " routes" in line and "·" not in line)
    return line.strip()


def column(browser: Driven, title: str) -> list[str]:
    """The cells under a title."""
    header = browser.lines[1]
    start = header.index(title)
    following = header[start:].replace("▲", " ").replace("▼", " ")
    rest = following[len(title) :]
    end = start + len(title) + (len(rest) - len(rest.lstrip()))
    cells = (line[start:end].strip() for line in browser.lines[2:20])
    return [cell for cell in cells if cell]


def test_keep_and_hide_take_the_value_under_the_cell_cursor() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "G", "equals_sign")
        assert "[name=" in state_of(browser)
        kept = set(column(browser, "NAME"))
        assert len(kept) == 1
        await browser.press("backspace", "exclamation_mark")
        assert "[!name=" in state_of(browser)
        assert not kept & set(column(browser, "NAME"))

    routes(walk)


def test_backspace_releases_the_last_filter_first() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "slash")
        await browser.type("reviews jason")
        await browser.press("enter")
        assert "2 of 23 routes  [reviews]  [jason]" in browser.text
        await browser.press("backspace")
        assert state_of(browser).endswith("[reviews]")
        await browser.press("backspace", "backspace")
        assert state_of(browser) == "23 routes"

    routes(walk)


def test_the_filter_line_filters_while_it_is_typed_and_escape_takes_it_back() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "slash")
        await browser.type("jason")
        assert "2 of 23 routes" in browser.text
        await browser.press("escape")
        assert state_of(browser) == "23 routes"
        assert browser.page == "ListScreen"

    routes(walk)


def test_an_inverse_filter_and_a_column() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "slash")
        await browser.type("name=9080 !jason")
        await browser.press("enter")
        assert "[name=9080]  [!jason]" in browser.text
        assert set(column(browser, "NAME")) == {"9080"}

    routes(walk)


def test_a_line_that_cannot_be_used_is_marked_and_changes_nothing() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "slash")
        await browser.type("jason !")
        box = browser.app.screen.query_one("#filter", Input)
        assert box.has_class("wrong")
        assert "type a text after !" in browser.text
        assert "2 of 23 routes" in browser.text
        await browser.press("enter")
        assert box.has_focus
        await browser.press("x")
        assert not box.has_class("wrong")
        assert "type a text" not in browser.text

    routes(walk)


def test_a_filter_that_nothing_passes_says_how_to_release_it() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "slash")
        await browser.type("nowhere")
        await browser.press("enter")
        assert "no route passes the filter" in browser.text
        await browser.press("equals_sign", "c", "C", "s", "space", "enter", "j", "G")
        assert browser.page == "ListScreen"
        await browser.press("backspace")
        assert state_of(browser).startswith("23 routes")

    routes(walk)


def test_sort_goes_up_then_down_then_back() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3")
        own = column(browser, "MATCH")
        await browser.press("l", "l", "s")
        assert "MATCH▲" in browser.lines[1]
        assert column(browser, "MATCH") == sorted(column(browser, "MATCH"))
        await browser.press("s")
        assert "by MATCH ▼" in browser.text
        await browser.press("s")
        assert "by MATCH" not in browser.text
        await browser.press("g")
        assert column(browser, "MATCH") == own

    routes(walk)


def test_the_cursor_stays_on_its_row_through_filter_and_order() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("4", *"jjjjj", "l", "s")
        row = browser.pointed.split()[0]
        await browser.press("s", "slash")
        await browser.type(row[:5])
        await browser.press("enter", "backspace", "s")
        assert browser.pointed.split()[0] == row

    routes(walk)


def test_wide_shows_all_columns_and_slides_to_the_cell_cursor() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("4", "w")
        assert "←→ more columns" in browser.text
        await browser.press(*["l"] * 20)
        titles = [column.title for column in kind_of_name("clusters").columns]
        assert titles[-1] in browser.lines[1]
        assert titles[0] not in browser.lines[1]
        await browser.press("w")
        assert "more columns" not in browser.text

    routes(walk)


def test_a_column_is_added_after_the_cell_cursor_and_removed_under_it() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "plus")
        assert "+ MATCH" not in browser.text
        assert "+ TIMEOUT" in browser.text
        await browser.type("timeout")
        await browser.press("enter")
        assert browser.lines[1].split() == ["NAME", "TIMEOUT", "DOMAINS", "MATCH", "CLUSTER"]
        await browser.press("l", "minus")
        assert "TIMEOUT" not in browser.lines[1]
        await browser.press("plus", "escape")
        assert "+ TIMEOUT" not in browser.text
        assert browser.page == "ListScreen"

    routes(walk)


def test_a_column_that_has_no_room_can_be_added_and_others_leave_for_it() -> None:
    async def walk(browser: Driven) -> None:
        assert "KIND" not in browser.line("PROXY")
        await browser.press("plus")
        await browser.type("kind")
        await browser.press("enter")
        assert browser.line("PROXY").split()[:2] == ["PROXY", "KIND"]
        await browser.press("l", "minus", "3", "plus")
        await browser.type("virtual service")
        await browser.press("enter")
        assert browser.lines[1].split()[:3] == ["NAME", "VIRTUAL", "SERVICE"]
        await browser.press("m", "a", "escape", "apostrophe", "a")
        assert browser.lines[1].split()[:3] == ["NAME", "VIRTUAL", "SERVICE"]

    routes(walk)


def test_the_last_column_is_not_removed() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", *["minus"] * 12)
        assert len(browser.lines[1].split()) == 1

    routes(walk)


def test_copy_takes_the_name_under_the_cursor() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "c")
        assert browser.app.clipboard == "details-v1-deeb20a156-ffa25.default"
        assert cache_file().read_text() == f"{browser.app.clipboard}\n"
        assert "copied details-v1" in browser.text
        await browser.press("j")
        assert "copied" not in browser.text

    routes(walk)


def test_copy_takes_the_marked_names_in_the_order_of_the_rows() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "space", "k", "k", "space")
        assert "2 marked" in browser.text
        assert browser.text.count("•") == 3
        await browser.press("c")
        assert [name[-13:] for name in browser.app.clipboard.split("\n")] == ["6ebbd.default", "ffa25.default"]
        await browser.press("k", "space", "c")
        assert browser.app.clipboard.endswith("ffa25.default")
        assert "\n" not in browser.app.clipboard

    routes(walk)


def test_marks_outlive_a_filter() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("space", "slash")
        await browser.type("reviews")
        await browser.press("enter")
        assert "1 marked" in browser.text
        await browser.press("c")
        assert browser.app.clipboard.startswith("details-v1")

    routes(walk)


def test_capital_c_copies_all_lines_of_the_cell() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("1", *"jjj", "l", "l", "C")
        assert len(browser.app.clipboard.split("\n")) > 1
        assert "copied the cell" in browser.text

    routes(walk)


def test_newer_rows_keep_cursor_marks_filter_and_order() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("4", "slash")
        await browser.type("reviews")
        await browser.press("enter", "l", "s", "j", "space")
        page = browser.app.screen
        assert isinstance(page, TablePage)
        before, marks = browser.pointed, page.table.marks
        name = page.table.pointed_id
        old = page.table.view
        assert old is not None
        mesh = recorded("bookinfo")
        selection = Selection(proxy="details-v1-deeb20a156-6ebbd.default")
        fewer = list(kind_of_name("clusters").rows(mesh, selection))[3:]
        rows = Rows(fewer, kind_of_name("clusters").ids(fewer), kind_of_name("clusters").columns)
        page.show_rows(rows)
        await browser.settle()
        assert page.table.pointed_id == name
        assert page.table.marks == marks
        assert browser.pointed == before
        assert "by PORT ▲" in browser.text
        assert "[reviews]" in browser.text

    routes(walk)


def test_a_click_on_a_heading_sorts_by_its_column() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("colon", *"clusters", "enter")
        (heading,) = (line for line in browser.lines if "SUBSET" in line)
        x, y = heading.index("SUBSET"), browser.lines.index(heading)
        await browser.click(x, y)
        assert "by SUBSET ▲" in browser.lines[-2]
        await browser.click(x + 2, y)
        assert "by SUBSET ▼" in browser.lines[-2]
        await browser.click(x, y)
        assert "by SUBSET" not in browser.lines[-2]

    drive(recorded("bookinfo"), walk)


def test_a_click_points_at_a_row_and_a_second_one_opens_it() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("4")
        await browser.click(10, 4)
        assert browser.lines[4].startswith("▸")
        await browser.click(10, 4)
        assert browser.page == "ObjectScreen"

    routes(walk)


def test_a_resize_loses_nothing() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "slash")
        await browser.type("reviews")
        await browser.press("enter", "j", "l", "l", "space")
        state = state_of(browser)
        await browser.resize(30, 10)
        await browser.resize(200, 50)
        await browser.resize(80, 24)
        assert state_of(browser) == state
        assert browser.lines[3].startswith(" •") or browser.lines[2].startswith(" •")

    routes(walk)
