from __future__ import annotations

from typing import Any

import pytest

from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.tui.messages import OpenObject
from meshscope.tui.screens.object import ObjectScreen
from meshscope.tui.widgets.virtual_text import VirtualText

from ...effect.recorded import mesh as effect_mesh
from ...mesh.meshes import bootstrap, clusters, dump, mesh_of, recorded, routes, static, table
from ..driving import LARGE, SMALL, Driven, drive

MESH = recorded("bookinfo")
CLUSTER = "outbound|9080|v1|reviews.default.svc.cluster.local"


async def open_object(browser: Driven, kind: str, **selection: Any) -> None:
    browser.app.post_message(OpenObject(kind, Selection(**selection)))
    await browser.settle()


async def open_cluster(browser: Driven) -> None:
    await open_object(browser, "clusters", proxy="productpage", name=CLUSTER)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_an_object_shows_its_place_links_and_fields(size: tuple[int, int]) -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        assert "active · config_dump.json configs[1]" in browser.text
        assert "made by" in browser.line("DestinationRule default/reviews")
        assert "✓  subsets[0]  istio.yaml:51" in browser.line("DestinationRule default/reviews")
        assert f"name: {CLUSTER}" in browser.text
        assert "YAML ·" in browser.text

    drive(MESH, walk, size=size)


def test_y_shows_the_document_then_json_then_a_table_then_yaml() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("y")
        assert "raw ·" in browser.text
        assert '"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster"' in browser.text
        await browser.press("y")
        assert "JSON ·" in browser.text
        await browser.press("y")
        assert "table ·" in browser.text
        assert '.["@type"]' in browser.text
        await browser.press("y")
        assert "YAML ·" in browser.text

    drive(MESH, walk)


def test_o_goes_to_the_line_of_the_rule_that_made_it_and_esc_comes_back() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("o")
        assert "destinationrule reviews.default ← cluster o" in browser.lines[0]
        assert page_of(browser).text.current == line_with(browser, "- name: v1")
        await browser.press("escape")
        assert browser.lines[0].startswith(" meshscope  cluster outbound|908")

    drive(MESH, walk)


def page_of(browser: Driven) -> ObjectScreen:
    assert isinstance(browser.app.screen, ObjectScreen)
    return browser.app.screen


def line_with(browser: Driven, text: str) -> int:
    return next(number for number, line in enumerate(page_of(browser)._text.lines) if text in line)


def test_a_manifest_lists_what_each_rule_made_in_each_proxy_and_enter_goes_there() -> None:
    async def walk(browser: Driven) -> None:
        await open_object(browser, "virtualservices", name="reviews.default")
        assert "made" in browser.pointed
        assert "✓  http[0]" in browser.pointed
        links = page_of(browser)._links
        made = [link for link in links if link.role == "made"]
        assert {(link.rule, link.text) for link in made} == {
            (f"http[{number}]", f"route {port}/reviews.default.svc.cluster.local:{port}/{number}")
            for number in range(2)
            for port in (80, 9080)  # istiod gives every host routes in the table of port 80
        }
        assert len({link.proxy for link in made}) == 8
        await browser.press("tab", *"j" * 16)
        assert "http[1]" in browser.pointed
        await browser.press("enter")
        assert browser.lines[0].startswith(" meshscope  route ")
        assert "made by" in browser.line("VirtualService default/reviews")
        await browser.press("o")
        assert page_of(browser).text.current == line_with(browser, "- name: canary")

    drive(MESH, walk)


def test_a_rule_that_made_nothing_says_why_first() -> None:
    async def walk(browser: Driven) -> None:
        await open_object(browser, "destinationrules", name="app.default")
        assert "✗  subsets[2]" in browser.pointed
        assert "not in effect: no pod" in browser.pointed
        await browser.press("tab", "enter")
        assert browser.lines[0].startswith(" meshscope  cluster outbound|80|none|app.default")

    drive(effect_mesh("services"), walk, size=LARGE)


def test_of_several_makers_o_points_to_the_first() -> None:
    async def walk(browser: Driven) -> None:
        await open_object(browser, "filterchains", name="virtualInbound/1", proxy="audit-v1-3f77dff6c4-e05e7.bank")
        await browser.press("o")
        assert "PeerAuthentication istio-system/default" in browser.pointed
        await browser.press("j", "j", "enter")
        assert browser.lines[0].startswith(" meshscope  authorizationpolicy audit-all.bank")

    drive(effect_mesh("security"), walk, size=LARGE)


def test_u_points_to_the_first_user_and_enter_follows_it() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("u")
        if browser.lines[0].startswith(" meshscope  cluster"):
            assert "used by" in browser.pointed
            await browser.press("enter")
        assert browser.lines[0].startswith(" meshscope  route 908")

    drive(MESH, walk)


def test_tab_goes_to_the_links_and_back() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("tab")
        assert browser.app.screen.query_one("#links").has_focus
        await browser.press("tab")
        assert browser.app.screen.query_one("#text").has_focus

    drive(MESH, walk)


def test_without_an_owner_or_users_the_keys_say_so() -> None:
    async def walk(browser: Driven) -> None:
        await open_object(browser, "clusters", name="alone")
        await browser.press("o")
        assert "does not name an owner" in browser.text
        await browser.press("u")
        assert "nothing in this input refers to this object" in browser.text

    drive(mesh_of(dump(bootstrap(), clusters(static("alone")))), walk)


def test_a_dangling_link_is_marked_and_does_not_open() -> None:
    async def walk(browser: Driven) -> None:
        mesh = browser.app.session.mesh  # type: ignore[attr-defined]  # a Browser
        kind = kind_named("routes", mesh)
        (row,) = kind.rows(mesh, Selection())
        await open_object(browser, "routes", proxy=row.proxy, name=kind.key(row))
        assert "MISSING" in browser.line("cluster gone")
        await browser.press("tab", "G", "enter")
        assert browser.page == "ObjectScreen"
        assert "cluster gone: MISSING" in browser.text

    drive(mesh_of(dump(bootstrap(), clusters(static("a")), routes(table("80", cluster="gone")))), walk)


def test_a_search_goes_from_line_to_line_and_esc_ends_it() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("slash", *"istio")
        assert "1 of " in browser.line("with 'istio'")
        await browser.press("enter", "n")
        assert "2 of " in browser.line("with 'istio'")
        await browser.press("N", "N")
        whole = browser.line("with 'istio'").split(" of ")
        assert whole[0].split()[-1] == whole[1].split()[0], "it goes round to the last"
        await browser.press("slash", "escape")
        assert "with 'istio'" not in browser.text
        assert browser.page == "ObjectScreen"

    drive(MESH, walk)


def test_a_text_that_is_nowhere_says_so_and_n_does_not_move() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("n")
        assert "/ searches" in browser.text
        await browser.press("slash", *"zzz", "enter", "n")
        assert "no line with 'zzz'" in browser.text

    drive(MESH, walk)


def test_c_copies_the_name() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("c")
        assert browser.app.clipboard == CLUSTER

    drive(MESH, walk)


def test_an_object_that_is_gone_says_so() -> None:
    async def walk(browser: Driven) -> None:
        await open_object(browser, "clusters", name="gone")
        assert "nothing has this name: cluster gone" in browser.text
        await browser.press("y", "o", "u", "n", "escape")
        assert browser.page == "HomeScreen"

    drive(MESH, walk)


def test_control_characters_and_markup_are_shown_and_not_obeyed() -> None:
    hostile = "a[bold]\x1b[31m\u202e\tz"

    async def walk(browser: Driven) -> None:
        await open_object(browser, "clusters", name=hostile)
        for _ in range(3):
            assert "a[bold]\\x1b[31m\\u202e" in browser.lines[0]
            assert "\x1b" not in browser.text
            assert "\u202e" not in browser.text
            await browser.press("y")
        await browser.press("c", "slash", "[", "enter", "n")

    drive(mesh_of(dump(bootstrap(), clusters(static(hostile)))), walk)


def test_a_table_of_many_routes_opens_and_its_end_is_one_key_away() -> None:
    route = {"match": {"prefix": "/last"}, "route": {"cluster": "x"}}
    hosts = [{"name": f"host-{i}", "domains": [f"host-{i}"], "routes": [route]} for i in range(3_000)]

    async def walk(browser: Driven) -> None:
        await open_object(browser, "routes", name="80")
        assert "virtual_hosts:" in browser.text
        await browser.press("G")
        assert "cluster: x" in browser.text
        assert "host-2999" in browser.text
        await browser.resize(100, 30)
        assert browser.app.screen.query_one(VirtualText).top > 10_000

    drive(mesh_of(dump(bootstrap(), routes({"name": "80", "virtual_hosts": hosts}))), walk)


def test_x_shows_the_manifest_beside_and_takes_it_away() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("x")
        assert "DestinationRule default/reviews · " in browser.text
        assert "kind: DestinationRule" in browser.text
        assert f"name: {CLUSTER}" in browser.text
        line = browser.line("kind: DestinationRule")
        assert line.index("│") < line.index("kind: DestinationRule"), "beside it, not below"
        await browser.press("tab")
        assert browser.app.screen.query_one("#beside").has_focus
        await browser.press("backslash")
        assert f"name: {CLUSTER}" not in browser.text
        await browser.press("backslash", "x")
        assert "kind: DestinationRule" not in browser.text

    drive(MESH, walk, size=LARGE)


def test_beside_a_manifest_is_what_was_made_from_it() -> None:
    async def walk(browser: Driven) -> None:
        await open_object(browser, "destinationrules", name="reviews.default")
        await browser.press("x")
        assert "cluster outbound|9080|" in browser.line(" active · ")
        assert "type: EDS" in browser.text

    drive(MESH, walk, size=LARGE)


def test_x_says_why_nothing_is_beside() -> None:
    async def walk(browser: Driven) -> None:
        await open_object(browser, "clusters", name="alone")
        await browser.press("x")
        assert "does not name a manifest" in browser.text

    drive(mesh_of(dump(bootstrap(), clusters(static("alone")))), walk)


def test_a_terminal_that_cannot_be_given_away_is_said() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("p")
        assert "this terminal cannot be given to another program" in browser.text

    drive(MESH, walk)


def test_the_field_under_the_cursor_is_copied_by_its_value_its_path_or_its_key() -> None:
    async def walk(browser: Driven) -> None:
        await open_cluster(browser)
        await browser.press("slash", *"max_connections", "enter", "Y")
        assert browser.app.clipboard == ".circuit_breakers.thresholds[0].max_connections"
        await browser.press("C")
        assert browser.app.clipboard == "100"
        await browser.press("ctrl+y")
        assert browser.app.clipboard == "max_connections"
        await browser.press("g", "y", "Y")
        assert "y shows YAML, JSON and a table" in browser.text

    drive(MESH, walk)
