"""Home, driven by keys."""

from __future__ import annotations

import pytest

from meshscope.listing.home import home_view
from meshscope.mesh.mesh import Mesh
from meshscope.tui.app import Browser
from meshscope.tui.kind_keys import KINDS_BY_DIGIT
from meshscope.tui.preferences.settings import Settings
from meshscope.tui.screens.home import MOST_FAULTS, fault_lines

from ...mesh.meshes import captured, manifest, mesh_of, recorded
from ..driving import LARGE, SMALL, Driven, MadeOnTheSpot, drive, drive_app
from ..sick import SICK, WELL, WHY, hostile, sick


def test_the_first_screen_says_what_is_wrong_and_whose_it_is() -> None:
    async def walk(browser: Driven) -> None:
        assert browser.page == "HomeScreen"
        assert "✗ 1  ▲ 2" in browser.lines[0]
        assert browser.pointed.startswith("✗  " + SICK)
        assert WHY in browser.text
        assert "Gateway shop/front · front.yaml:1" in browser.text
        assert "istiod-1 serves 2, 1 in sync" in browser.text

    drive(sick(), walk)


@pytest.mark.parametrize("size", [SMALL, (100, 30), LARGE])
def test_names_of_proxies_are_whole_and_states_are_not_cut(size: tuple[int, int]) -> None:
    async def walk(browser: Driven) -> None:
        for proxy in recorded("bookinfo").proxies:
            assert browser.line(proxy.name).count("✓") == 4

    drive(recorded("bookinfo"), walk, size=size)


def test_a_proxy_without_a_fault_is_said_to_have_none() -> None:
    async def walk(browser: Driven) -> None:
        assert "✓ no fault was found in its configuration" in browser.text

    drive(recorded("bookinfo"), walk)


def test_enter_opens_the_list_with_the_refused_listener() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("enter")
        assert browser.page == "ListScreen"
        assert "listeners name web state error" in browser.lines[0]
        assert "1 listener" in browser.text
        assert "ERROR" in browser.lines[1]
        await browser.press("escape")
        assert browser.page == "HomeScreen"

    drive(sick(), walk)


def test_o_opens_the_owner_of_the_first_fault_and_says_where_none_is_named() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("o")
        assert browser.page == "ObjectScreen"
        assert "kind: Gateway" in browser.text
        await browser.press("escape", "j", "o")
        assert browser.page == "HomeScreen"
        assert "no fault of this proxy names an owner" in browser.text

    drive(sick(), walk)


def test_enter_on_a_proxy_without_a_fault_opens_its_listeners() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", "enter")
        assert "listeners · details-v1-deeb20a156-ffa25.default" in browser.lines[0]

    drive(recorded("bookinfo"), walk)


def test_capital_f_lists_the_faults_alone_and_comes_back() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("F")
        assert "3 faults" in browser.text
        assert "FAULT" in browser.text
        await browser.press("j", "enter")
        assert "clusters name cold state warming" in browser.lines[0]
        await browser.press("escape", "F")
        assert "2 proxies" in browser.text

    drive(sick(), walk)


def test_capital_f_without_a_fault_says_so() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("F")
        assert "✓ no fault was found in the configuration of any proxy" in browser.text

    drive(recorded("bookinfo"), walk)


@pytest.mark.parametrize(("digit", "kind"), KINDS_BY_DIGIT.items())
def test_a_digit_opens_a_kind_of_the_proxy_under_the_cursor(digit: str, kind: str) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", digit)
        assert f"{kind} · {WELL}" in browser.lines[0]

    drive(sick(), walk)


def test_the_filter_line_filters_proxies() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("slash")
        await browser.type("reviews !v1")
        await browser.press("enter")
        assert "2 of 9 proxies" in browser.text
        assert browser.pointed.startswith("reviews-v2")

    drive(recorded("bookinfo"), walk)


def test_the_shell_line_lists_the_proxies() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("dollar_sign")
        assert "meshscope get proxies --from demo" in browser.text
        assert browser.app.clipboard == "meshscope get proxies --from demo"

    drive(recorded("bookinfo"), walk)


def test_escape_does_not_leave_home() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("escape", "escape")
        assert browser.page == "HomeScreen"

    drive(recorded("bookinfo"), walk)


def test_escape_leaves_the_filter_line_and_the_list_of_columns() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("slash")
        await browser.type("sleep")
        await browser.press("escape")
        assert "9 proxies" in browser.text
        assert browser.pointed.startswith("sleep-")
        await browser.press("plus", "escape", "j")
        assert browser.pointed.startswith("istio-ingressgateway")

    drive(recorded("bookinfo"), walk)


def manifests_alone() -> Mesh:
    return mesh_of(captured("vs.json", manifest("VirtualService", "reviews", "networking.istio.io", spec={})))


def test_an_input_without_a_proxy_says_what_to_do_next() -> None:
    async def walk(browser: Driven) -> None:
        assert "no proxy in this input" in browser.text
        await browser.press("enter", "c", "C", "s", "equals_sign", "F", "1")
        assert browser.page == "ListScreen"

    drive(manifests_alone(), walk)


def test_hostile_names_are_shown_and_not_obeyed() -> None:
    async def walk(browser: Driven) -> None:
        assert "[red]red[/red]" in browser.text
        assert "\x1b" not in browser.text
        assert "\u202e" not in browser.text
        assert {strip.rstrip("\n") for strip in browser.lines if len(strip) > 3000} == set()

    drive(hostile(), walk)


def test_more_faults_than_there_is_room_for_are_counted() -> None:
    (state, *_) = home_view(hostile(), "").states
    lines = fault_lines(state.faults, 78).plain.split("\n")
    assert lines[-1] == f"… {len(state.faults) - MOST_FAULTS} more; F lists all"
    assert all(line.isprintable() for line in lines)


def test_home_has_the_columns_of_the_config_file_behind_the_state_and_w_shows_all() -> None:
    async def walk(browser: Driven) -> None:
        assert browser.line("PROXY  ").split() == ["PROXY", "IP", "ENVOY"]
        await browser.press("w")
        assert "CDS" in browser.line("PROXY  ")
        await browser.press("F")
        assert "FAULT" in browser.line("PROXY  ")

    opener, settings = (
        MadeOnTheSpot(lambda _work: recorded("bookinfo")),
        Settings(columns={"home": ("PROXY", "IP", "ENVOY")}),
    )
    drive_app(lambda: Browser(opener, ("demo",), settings=settings), walk)


def test_a_filter_of_all_columns_stays_with_faults_only() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("slash", *"listener", "enter")
        assert "[listener]" in browser.text
        await browser.press("F")
        assert "[listener]" in browser.text
        assert browser.line("[listener]").split()[0] != "0"
        await browser.press("F", "backspace")
        assert "[listener]" not in browser.text

    drive(sick(), walk)
