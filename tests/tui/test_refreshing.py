"""Each screen on newer evidence, and the sources that give it: driven by keys."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from textual.widgets import Input

from meshscope.cli.ui import Opening
from meshscope.collect.live import Live
from meshscope.errors import UsageError
from meshscope.snapshot.snapshot import Snapshot
from meshscope.tui.session import Opener
from meshscope.tui.widgets.scope_column import ScopeColumn
from meshscope.tui.widgets.virtual_text import VirtualText

from ..collect.test_envoy_admin import direct_listener, real
from ..oracle.real_envoy import RealEnvoy
from .driving import LARGE, Driven, Walk, drive_sources
from .renewing import FIRST, Turns, proxy, silence, snapshot

WEB = "web-1.shop"
MANY = tuple(f"web{number:02}" for number in range(40))


def drive(opener: Opener, walk: Walk, *sources: str, size: tuple[int, int] = (100, 24)) -> None:
    drive_sources(opener, walk, sources=sources, size=size)


def turns(*names: tuple[str, ...], port: str = "1") -> Turns:
    """One proxy, with other clusters each time."""
    return Turns(file=tuple(snapshot(proxy(WEB, *each, port=port)) for each in names))


async def until(browser: Driven, holds: Callable[[], bool]) -> None:
    """Messages and frames, until something holds; a worker may hang meanwhile."""
    for _ in range(2000):
        if holds():
            return
        await browser.pause()
    raise AssertionError(browser.text)


# --- tables --------------------------------------------------------------------------------------------------------------


def test_r_marks_what_is_new_and_changed_and_counts_what_is_gone_until_a_key() -> None:
    other = snapshot(proxy(WEB, "b", "c", port="2"))
    opener = Turns(file=(snapshot(proxy(WEB, "a", "b", port="1")), other))

    async def walk(browser: Driven) -> None:
        await browser.press("5", "j")
        assert browser.pointed.startswith("10.0.0.1:1")
        await browser.press("r")
        assert "2 new · 2 gone since 16:40:12" in browser.text
        assert browser.text.count("+10.0.0.1:2") + browser.text.count("▸+") >= 1
        await browser.press("j")
        assert "since 16:40:12" not in browser.text
        assert "+10" not in browser.text
        await browser.press("r")
        assert "nothing changed since 16:41:00" in browser.text

    drive(opener, walk, "file")


def test_a_changed_row_has_a_glyph_beside_its_mark_and_its_cursor() -> None:
    opener = Turns(
        file=(snapshot(proxy(WEB, "a", "b", "c")), snapshot(proxy(WEB, "a", "b", "c"), proxy("web-2.shop", "a")))
    )

    async def walk(browser: Driven) -> None:
        await browser.type(":services")
        await browser.press("escape")
        await browser.press("space", "r")
        assert "1 new since 16:40:12" in browser.text
        assert " +" in browser.line("web-2.shop")[:3]

    drive(opener, walk, "file")


def test_cursor_filter_order_marks_and_place_on_the_screen_stay() -> None:
    opener = turns(MANY, ("b1", "b2", *MANY[:20], *MANY[25:]))

    async def walk(browser: Driven) -> None:
        await browser.press(
            "4", "s", "s", "slash", *"web", "enter", *("j" for _ in range(10)), "space", "ctrl+d", "ctrl+d"
        )
        line, top = browser.pointed, [place for place, each in enumerate(browser.lines) if "▸" in each]
        await browser.press("r")
        assert browser.pointed == line
        assert [place for place, each in enumerate(browser.lines) if "▸" in each] == top
        assert "by SERVICE FQDN ▼" in browser.text
        assert "35 of 37 clusters" in browser.text
        assert "1 marked" in browser.text

    drive(opener, walk, "file")


def test_a_filter_that_is_being_typed_stays_and_filters_what_is_newer() -> None:
    opener = turns(("q1", "w1"), ("q1", "q2", "w1"))

    async def walk(browser: Driven) -> None:
        await browser.press("4", "slash", "q")
        await browser.app.run_action("refresh")
        await browser.settle()
        box = browser.app.screen.query_one("#filter", Input)
        assert (box.value, box.has_focus) == ("q", True)
        assert "2 of 3 clusters" in browser.text
        await browser.press("2")
        assert "1 of 3 clusters" in browser.text

    drive(opener, walk, "file")


def test_a_list_of_a_proxy_that_is_gone_keeps_its_rows_and_says_so() -> None:
    opener = Turns(file=(snapshot(proxy(WEB, "a")), snapshot(proxy("web-2.shop", "a")), snapshot(proxy(WEB, "a", "b"))))

    async def walk(browser: Driven) -> None:
        await browser.press("4", "r")
        assert "no proxy" in browser.text
        assert "this is what was read before" in browser.text
        assert browser.pointed.startswith("a")
        await browser.press("w", "s", "enter")
        assert browser.page == "ObjectScreen"
        await browser.press("escape", "r")
        assert "read before" not in browser.text
        assert "2 clusters" in browser.text

    drive(opener, walk, "file")


# --- other screens -------------------------------------------------------------------------------------------------------


def test_pages_below_are_renewed_too_and_the_old_mesh_is_freed() -> None:
    opener = turns(("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d"))
    meshes: list[weakref.ref[object]] = []

    async def walk(browser: Driven) -> None:
        meshes.append(weakref.ref(browser.app.session.mesh))  # type: ignore[attr-defined]  # a Browser
        await browser.press("4", "enter")
        assert browser.page == "ObjectScreen"
        await browser.press("r")
        gc.unfreeze()  # as the browser does while nobody types
        gc.collect()
        assert meshes[0]() is None
        await browser.press("escape")
        assert "3 clusters" in browser.text

    drive(opener, walk, "file")


def test_a_mesh_that_tables_objects_and_a_search_showed_does_not_wait_for_the_collector() -> None:
    opener = turns(("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d"))

    async def walk(browser: Driven) -> None:
        mesh = weakref.ref(browser.app.session.mesh)  # type: ignore[attr-defined]  # a Browser
        await browser.press("4", "enter", "x", "escape", "escape", "f", *"a", "tab", "escape", "3")
        gc.disable()
        try:
            await browser.press("r", "j")
            assert "3 routes" in browser.text
            assert mesh() is None
        finally:
            gc.enable()

    drive(opener, walk, "file")


def test_an_object_keeps_its_place_and_its_search_and_says_that_it_changed() -> None:
    before, after = (snapshot(proxy(WEB, "a", port=port, more=())) for port in ("1", "2"))
    opener = Turns(file=(before, after, snapshot(proxy(WEB, "b"))))

    async def walk(browser: Driven) -> None:
        await browser.press("4", "enter", "slash", *"port", "enter", "j", "j")
        text = browser.app.screen.query_one(VirtualText)
        top, current = text.top, text.current
        assert "with 'port'" in browser.text
        await browser.press("r")
        assert (text.top, text.current) == (top, current)
        assert "~ changed since 16:40:12" in browser.text
        assert "with 'port'" in browser.text
        await browser.press("r")
        assert "nothing has this name: cluster a" in browser.text
        assert "with 'port'" in browser.text
        assert text.current == current

    drive(opener, walk, "file", size=(100, 16))


def test_scope_keeps_its_narrowing_its_cursor_and_its_filter() -> None:
    opener = turns(("a1", "a2", "b1"), ("a0", "a1", "a2", "a3", "b1"))

    async def walk(browser: Driven) -> None:
        await browser.press("v", "j")
        await browser.press("tab", "tab", "tab", "slash", *"a", "enter")
        before = [column.view.selected for column in browser.app.screen.query(ScopeColumn) if column.view]
        await browser.press("r")
        after = [column.view for column in browser.app.screen.query(ScopeColumn) if column.view]
        assert [view.selected for view in after] == before
        assert after[0].filters[3] is not None
        assert len(after[0].scope.columns[0]) == 5
        assert "filter a" in browser.text
        assert " new since 16:40:12" in browser.text
        assert "+a3" in browser.text
        await browser.press("j")
        assert "+a3" not in browser.text

    drive(opener, walk, "file", size=LARGE)


def test_a_trace_is_followed_again_and_its_line_stays() -> None:
    opener = turns(("a",), ("b",))

    async def walk(browser: Driven) -> None:
        await browser.type(":trace web-1 tcp://10.9.9.9:80")
        await browser.press("enter")
        words = browser.app.screen.query_one("#request", Input).value
        before = browser.text
        await browser.press("r")
        assert browser.app.screen.query_one("#request", Input).value == words
        assert browser.text != before
        assert "~ the answer is another one since 16:40:12" in browser.text
        await browser.press("r")
        assert "another one" not in browser.text

    drive(opener, walk, "file")


def test_a_search_is_repeated() -> None:
    both = snapshot(proxy(WEB, "abc"), proxy("web-2.shop", "abc"))
    opener = Turns(file=(snapshot(proxy(WEB, "abc")), both, snapshot(proxy(WEB, "xyz"))))

    async def walk(browser: Driven) -> None:
        await browser.type(":find abc")
        await browser.press("enter")
        await until(browser, lambda: "mentions in" in browser.text)
        await browser.app.run_action("refresh")
        await until(browser, lambda: "10 mentions in 2 proxies · 5 new since 16:40:12" in browser.text)
        await browser.app.run_action("refresh")
        await until(browser, lambda: "nothing mentions 'abc'" in browser.text)

    drive(opener, walk, "file")


# --- sources -------------------------------------------------------------------------------------------------------------


def test_a_slow_source_holds_up_no_other() -> None:
    go_on = Event()
    slow = snapshot(proxy("slow-1.shop", "a", source="slow"))
    opener = Turns(slow=(slow, snapshot(proxy("slow-2.shop", "a"))), fast=(
        snapshot(proxy("fast-1.shop", "a")), snapshot(proxy("fast-2.shop", "a"))))  # fmt: skip
    opener.held["slow"] = lambda: go_on.wait(30)

    async def walk(browser: Driven) -> None:
        await browser.tap("r")
        await until(browser, lambda: "fast-2.shop" in browser.text)
        assert "slow-1.shop" in browser.text
        go_on.set()
        await browser.settle()
        assert "slow-2.shop" in browser.text

    drive(opener, walk, "slow", "fast")


def test_a_live_source_is_asked_by_itself_until_it_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meshscope.tui.refreshing.LOOK_AGAIN", 0.01)
    opener = Turns(live_a=(snapshot(proxy(WEB, "a")), snapshot(proxy(WEB, "a"), proxy("web-2.shop", "a"))))

    async def walk(browser: Driven) -> None:
        assert "live · " in browser.lines[0]
        await until(browser, lambda: "web-2.shop" in browser.text)
        await browser.press("ctrl+f")
        assert "frozen " in browser.lines[0]
        opener.answers["http://a"].append(snapshot(proxy(WEB, "a")))
        asked = len(opener.asked)
        for _ in range(20):
            await browser.pause()
        assert len(opener.asked) == asked
        await browser.press("ctrl+f")
        await until(browser, lambda: "web-2.shop" not in browser.text)

    drive(opener, walk, "http://a")


def test_recordings_cannot_be_frozen() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("ctrl+f")
        assert "recordings do not change by themselves" in browser.text

    drive(turns(("a",)), walk, "file")


def test_what_stopped_answering_shows_its_last_state_and_since_when() -> None:
    first = snapshot(proxy(WEB, "a", source="http://a"))
    opener = Turns(live_a=(first, silence(), first), file=(snapshot(proxy("web-2.shop", "a")),))

    async def walk(browser: Driven) -> None:
        await browser.press("r")
        assert "✗ a stopped answering 16:41:03" in browser.lines[0]
        assert browser.line(WEB).startswith(("▸~ ✗", " ~✗", "▸~✗", " ~ ✗"))
        assert "stopped answering 16:41:03 (connection refused): its last state is shown" in browser.text
        await browser.press("r")
        assert "stopped" not in browser.text

    drive(opener, walk, "http://a", "file")


def test_ns_narrows_every_list_and_all_shows_them_again() -> None:
    opener = Turns(file=(snapshot(proxy("web-1.shop", "a"), proxy("db-1.data", "b", "c")),))

    async def walk(browser: Driven) -> None:
        await browser.type(":ns data")
        await browser.press("enter")
        assert "ns data" in browser.lines[0]
        assert "1 proxy" in browser.text
        assert "web-1.shop" not in browser.text
        await browser.type(":clusters")
        await browser.press("enter")
        assert "2 clusters" in browser.text
        await browser.type(":ns all")
        await browser.press("enter")
        assert "3 clusters" in browser.text
        await browser.press("escape")
        assert "2 proxies" in browser.text

    drive(opener, walk, "file")


def test_from_opens_something_else_and_what_fails_leaves_what_was_there() -> None:
    class Some(Turns):
        def read(self, source: str, work: object) -> object:  # type: ignore[override]  # that of a real one
            if source not in self.answers:
                raise UsageError(f"no file or directory {source!r}")
            return super().read(source, work)  # type: ignore[arg-type]

    opener = Some(file=(snapshot(proxy(WEB, "a")),), other=(snapshot(proxy("other-1.shop", "a")),))

    async def walk(browser: Driven) -> None:
        await browser.press("4")
        await browser.type(":from nothing")
        await browser.press("enter")
        assert browser.page == "ListScreen"
        assert "no file or directory 'nothing'" in browser.text
        await browser.type(":from other")
        await browser.press("enter")
        assert browser.page == "HomeScreen"
        assert "other-1.shop" in browser.text
        await browser.press("colon", "up")
        assert "from other" in browser.text

    drive(opener, walk, "file")  # type: ignore[arg-type]  # see above


def test_escape_leaves_other_sources_that_are_slow() -> None:
    go_on = Event()

    class Slow(Turns):
        def read(self, source: str, work: object) -> object:  # type: ignore[override]
            if source == "slow":
                go_on.wait(30)
            return super().read("file" if source == "slow" else source, work)  # type: ignore[arg-type]

    first: tuple[Snapshot, ...] = (snapshot(proxy(WEB, "a")), snapshot(proxy("slow-1.shop", "a")))

    async def walk(browser: Driven) -> None:
        await browser.press("4")
        await browser.type(":from slow")
        await browser.tap("enter")
        await until(browser, lambda: browser.page == "OpeningScreen")
        await browser.tap("escape")
        await until(browser, lambda: browser.page == "ListScreen")
        go_on.set()
        await browser.settle()
        assert browser.page == "ListScreen"
        assert WEB in browser.lines[0]

    drive(Slow(file=first), walk, "file")  # type: ignore[arg-type]


@real
def test_a_real_envoy_is_followed_as_its_configuration_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meshscope.tui.refreshing.LOOK_AGAIN", 0.05)
    with RealEnvoy(tmp_path) as running:
        running.serve([])

        async def walk(browser: Driven) -> None:
            await browser.press("1")
            assert "no listeners" in browser.text or "0 listeners" in browser.text
            running.put_listeners([direct_listener(running.port)])
            await until(browser, lambda: "1 new since" in browser.text)
            assert "entry" in browser.text or str(running.port) in browser.text

        drive(Opening(Live(timeout=5.0), ""), walk, running.admin)
    assert FIRST
