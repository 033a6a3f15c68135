"""The table of a kind, driven by keys."""

from __future__ import annotations

import pytest

from meshscope.listing.registry import KINDS

from ...mesh.meshes import recorded
from ..driving import LARGE, SMALL, Driven, drive
from ..sick import hostile, many, sick

PROXY = "details-v1-deeb20a156-6ebbd.default"


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("kind", [*KINDS, "virtualservices", "gateways.networking.istio.io", "pods"])
def test_every_kind_is_listed(kind: str, size: tuple[int, int]) -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(f":{kind}")
        await browser.press("enter")
        assert browser.page == "ListScreen"
        assert kind.partition(".")[0] in browser.lines[0]
        assert "reading …" not in browser.text

    drive(recorded("bookinfo"), walk, size=size)


def test_enter_opens_an_object_and_escape_leads_back_to_the_same_row() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("4", "j", "j")
        line = browser.pointed
        await browser.press("enter")
        assert browser.page == "ObjectScreen"
        await browser.press("escape")
        assert browser.pointed == line

    drive(recorded("bookinfo"), walk)


def test_a_digit_changes_the_kind_in_place_and_escape_leads_home() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("1", "3")
        assert f"routes · {PROXY}" in browser.lines[0]
        await browser.press("escape")
        assert browser.page == "HomeScreen"

    drive(recorded("bookinfo"), walk)


def test_a_digit_on_a_list_of_all_proxies_stays_with_all() -> None:
    async def walk(browser: Driven) -> None:
        await browser.type(":clusters")
        await browser.press("enter", "3")
        assert browser.lines[0].split("·")[0].strip() == "meshscope  routes"

    drive(recorded("bookinfo"), walk)


def test_the_shell_line_has_the_selection() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("enter", "dollar_sign")
        assert browser.app.clipboard == (
            "meshscope get listeners --proxy edge-1.shop --name web --state error --from 'my dumps'"
        )

    drive(sick(), walk, sources=("my dumps",))


def test_an_empty_list_says_why() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("6")
        assert "no secret evidence in this input" in browser.text
        await browser.press("escape")
        await browser.type(":virtualservices shop")
        await browser.press("enter")
        assert "no virtualservices" in browser.text

    drive(sick(), walk)


def test_many_rows_are_filtered_in_a_thread_with_the_same_answer() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("4")
        assert "2,500 clusters" in browser.text
        await browser.press("G")
        assert browser.pointed.startswith("cluster-999")
        await browser.press("slash")
        await browser.type("cluster-77")
        await browser.press("enter")
        assert "11 of 2,500 clusters" in browser.text

    drive(many(2500), walk)


def test_columns_are_aligned_whatever_the_names_are() -> None:
    async def walk(browser: Driven) -> None:
        for digit in "1345":
            await browser.press(digit)
            assert all(width == browser.app.size.width for width in browser.widths)
            assert all(line.isprintable() for line in browser.lines)

    drive(hostile(), walk)


def test_o_opens_the_owner_of_a_row_and_says_where_there_is_none() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "j", "3", "o")
        assert "this route names no owner" in browser.text
        await browser.press("G", "k", "k", "k", "k", "o")
        assert browser.page == "ObjectScreen"
        assert "kind: VirtualService" in browser.text
        await browser.press("ctrl+o")
        assert browser.page == "ListScreen"
        await browser.press("d")
        assert browser.page == "ObjectScreen"

    drive(recorded("bookinfo"), walk)


def test_a_shell_line_is_followed_by_that_of_istioctl() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "j", "3", "dollar_sign")
        assert "in the cluster: istioctl proxy-config route productpage-v1-12eae82901-8b536.default" in browser.text
        await browser.press("slash", *"jason", "enter", "dollar_sign")
        assert "in the cluster" not in browser.text

    drive(recorded("bookinfo"), walk, size=(160, 48))


def test_tab_goes_from_cell_to_cell() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "j", "3", "tab", "tab", "s")
        assert "by MATCH" in browser.text
        await browser.press("shift+tab", "s")
        assert "by DOMAINS" in browser.text

    drive(recorded("bookinfo"), walk)
