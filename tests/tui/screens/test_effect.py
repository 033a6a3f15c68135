from __future__ import annotations

import pytest
from msgspec.structs import replace

from meshscope.listing.selection import Selection
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Snapshot
from meshscope.tui.messages import OpenEffect, OpenList, OpenObject
from meshscope.tui.widgets.virtual_text import VirtualText

from ...effect.recorded import mesh, rewritten
from ...mesh.meshes import bootstrap, captured, clusters, dump, manifest, mesh_of, recorded, routes, static, table
from ..driving import LARGE, SMALL, Driven, drive, drive_sources
from ..renewing import Turns
from ..sick import HOSTILE

BOOKINFO, GATEWAYS = recorded("bookinfo"), mesh("gateways")
LOST = "delegate shop/not-there does not exist"


async def ask(browser: Driven, what: str) -> None:
    await browser.type(f":effect {what}")
    await browser.press("enter")


async def open_list(browser: Driven, kind: str) -> None:
    browser.app.post_message(OpenList(kind, Selection()))
    await browser.settle()


# --- ways to it ------------------------------------------------------------------------------------------------------


def test_i_in_a_table_of_manifests_and_esc_back() -> None:
    async def walk(browser: Driven) -> None:
        await open_list(browser, "virtualservices")
        assert "i in effect?" in browser.lines[-1]
        name = browser.pointed.split()[1]
        await browser.press("i")
        assert browser.page == "EffectScreen"
        assert f"effect VirtualService default/{name}" in browser.lines[0]
        await browser.press("escape")
        assert browser.page == "ListScreen"

    drive(BOOKINFO, walk, size=LARGE)


def test_i_on_the_page_of_a_manifest() -> None:
    async def walk(browser: Driven) -> None:
        browser.app.post_message(OpenObject("dr", Selection(name="reviews")))
        await browser.settle()
        assert "i in effect?" in browser.lines[-1]
        await browser.press("i")
        assert "effect DestinationRule default/reviews" in browser.lines[0]
        assert "subsets[0]" in browser.text

    drive(BOOKINFO, walk, size=LARGE)


@pytest.mark.parametrize("kind", ["routes", "services.core"])
def test_i_is_not_offered_where_nothing_has_an_effect(kind: str) -> None:
    async def walk(browser: Driven) -> None:
        await open_list(browser, kind)
        assert "in effect?" not in browser.lines[-1]
        await browser.press("i")
        assert browser.page == "ListScreen"
        await browser.press("enter", "i")
        assert browser.page == "ObjectScreen"
        await browser.press("question_mark")
        assert "in effect?" not in browser.text

    drive(BOOKINFO, walk, size=LARGE)


def test_help_lists_the_key_where_it_applies() -> None:
    async def walk(browser: Driven) -> None:
        await open_list(browser, "virtualservices")
        await browser.press("question_mark")
        assert "in effect?" in browser.text

    drive(BOOKINFO, walk, size=LARGE)


# --- what it says ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_rule_that_is_not_in_effect_stands_first_with_its_reason(size: tuple[int, int]) -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        assert browser.pointed.split("  ")[:2] == ["✗ not in effect", "http[4]"]
        assert f"because   {LOST}" in browser.text
        assert "6 answers  ✗ 1 not in effect · ✓ 5 in effect" in browser.text
        assert "manifests/istio.yaml:116" in browser.text
        await browser.press("j")
        assert f"because   {LOST}" not in browser.text
        assert "because   route 0 of api.example.com:80" in browser.text

    drive(GATEWAYS, walk, size=size)


def test_proxies_with_the_same_answer_share_a_line() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/reviews")
        assert "8 proxies" in browser.line("▸")
        assert "2 answers  ✓ 2 in effect" in browser.text
        assert "ratings-v1" in browser.text

    drive(BOOKINFO, walk, size=LARGE)


def test_each_field_that_differs_is_told() -> None:
    changed = rewritten(
        GATEWAYS, "VirtualService default/api", lambda body: body["spec"]["http"][0].update(timeout="7s")
    )

    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("j")
        assert "▲ partly" in browser.line("▸")
        assert "route.timeout: 7s → 0s" in browser.text

    drive(changed, walk, size=LARGE)


# --- the manifest, and what was made -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["enter", "x"])
def test_the_manifest_at_the_rule_stands_beside_the_route_that_it_made(key: str) -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("j", "j", key)
        assert browser.page == "ObjectScreen"
        assert "http.8080/api.example.com:80/1" in browser.lines[0]
        assert "VirtualService default/api · spec.http[1]" in browser.text
        assert "- name: mirrored" in cursor_line(browser, "beside")
        await browser.press("escape")
        assert browser.page == "EffectScreen"
        assert "http[1]" in browser.line("▸")

    drive(GATEWAYS, walk, size=LARGE)


def test_a_gateway_stands_beside_its_listener_whose_metadata_does_not_name_it() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "gateways.networking.istio.io/public")
        await browser.press("G", "x")
        assert browser.page == "ObjectScreen"
        assert "Gateway default/public · spec.servers[" in browser.text

    drive(GATEWAYS, walk, size=LARGE)


def test_of_a_rule_that_made_nothing_the_manifest_opens_at_the_rule() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("enter")
        assert "virtualservice api.default" in browser.lines[0]
        assert "name: delegated-nothing" in cursor_line(browser, "text")

    drive(GATEWAYS, walk)


def cursor_line(browser: Driven, pane: str) -> str:
    text = browser.app.screen.query_one(f"#{pane}", VirtualText)
    return text._lines[text.current]


# --- keys of the table -----------------------------------------------------------------------------------------------------


def test_the_filter_narrows_and_its_detail_follows() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.type('/"route 3"')
        assert "1 of 6" in browser.text
        assert "route 3 of api.example.com:80" in browser.line("because")
        await browser.type("zzz")
        assert "no answer passes the filter" in browser.text
        assert "because" not in browser.text

    drive(GATEWAYS, walk)


def test_wide_shows_expected_and_actual_and_zoom_one_pane() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("w", "l", "l", "l", "l")
        assert "EXPECTED" in browser.text
        await browser.press("w", "tab", "backslash")
        assert "STATE" not in browser.text
        assert LOST in browser.text
        await browser.press("backslash")
        assert "STATE" in browser.text

    drive(GATEWAYS, walk, size=LARGE)


def test_the_line_of_a_shell_asks_the_same() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("dollar_sign")
        assert "meshscope effect virtualservice/api.default --from demo" in browser.text
        await browser.press("Q")
        assert browser.app.last_line == "meshscope effect virtualservice/api.default --from demo"  # type: ignore[attr-defined]

    drive(GATEWAYS, walk)


def test_a_mark_comes_back() -> None:
    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("m", "a", "escape", "apostrophe", "a")
        assert "effect VirtualService default/api" in browser.lines[0]

    drive(GATEWAYS, walk)


# --- sources that change ----------------------------------------------------------------------------------------------------


def test_the_cursor_stays_on_its_rule_when_another_one_is_mended() -> None:
    before = GATEWAYS.snapshot
    mended = _with_manifests(before, b"name: not-there", b"name: cart-delegate")

    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("j", "j")
        assert "http[1]" in browser.line("▸")
        await browser.press("r")
        assert "http[1]" in browser.line("▸")
        assert LOST not in browser.text

    drive_sources(Turns(file=(before, mended)), walk, sources=("file",))


def test_an_object_that_is_gone_says_so_and_stays() -> None:
    before = GATEWAYS.snapshot
    kept = tuple(one for one in before.captured if "manifests/" not in one.document.name)

    async def walk(browser: Driven) -> None:
        await ask(browser, "vs/api")
        await browser.press("r")
        assert "VirtualService default/api is not in this input" in browser.text
        assert LOST in browser.text

    drive_sources(Turns(file=(before, replace(before, captured=kept))), walk, sources=("file",))


def _with_manifests(snapshot: Snapshot, old: bytes, new: bytes) -> Snapshot:
    captured = tuple(
        replace(one, document=Document.of(one.document.name, one.document.body.replace(old, new)))
        if one.document.name.endswith(".yaml")
        else one
        for one in snapshot.captured
    )
    return replace(snapshot, captured=captured)


# --- hostile input ------------------------------------------------------------------------------------------------------------


def _hostile() -> Mesh:
    documents = [
        captured(f"manifests/{number}.json", manifest(
            "VirtualService", name, "networking.istio.io", spec={
                "hosts": [name], "gateways": [name], "exportTo": [name],
                "http": [{"name": name, "match": [{"uri": {"prefix": name}}], "route": [{"destination": {"host": name}}]}],
            },
        ))
        for number, name in enumerate(HOSTILE)
    ]  # fmt: skip
    proxy = dump(bootstrap(), clusters(static("c", "10.0.0.9:80")), routes(table("80", cluster="c")))
    return mesh_of(proxy, *documents)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_names_stay_text(size: tuple[int, int]) -> None:
    hostile = _hostile()

    async def walk(browser: Driven) -> None:
        for name in filter(None, HOSTILE):
            browser.app.post_message(OpenEffect(f"VirtualService shop/{name}"))
            await browser.settle()
            assert browser.page == "EffectScreen"
            assert all(line.isprintable() for line in browser.lines)
            assert set(browser.widths) == {size[0]}
            assert "answer" in browser.text
            await browser.press("x")
            assert all(line.isprintable() for line in browser.lines)
            await browser.press("escape", "escape")

    drive(hostile, walk, size=size)


def test_an_object_that_never_was_there_says_so() -> None:
    async def walk(browser: Driven) -> None:
        browser.app.post_message(OpenEffect("VirtualService default/nosuch"))
        await browser.settle()
        assert "VirtualService default/nosuch is not in this input" in browser.text
        assert "what was read before" not in browser.text
        assert "reading" not in browser.text

    drive(GATEWAYS, walk)
