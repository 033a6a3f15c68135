"""While sources are opened."""

from __future__ import annotations

from threading import Event

from textual.widgets import ProgressBar

from meshscope.collect.rereading import Reading
from meshscope.errors import UnreadableError, UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.work import Work

from ...mesh.meshes import recorded
from ..driving import Driven, MadeOnTheSpot, drive_opening, drive_sources


def test_the_screen_says_what_is_read_and_how_far_until_home_follows() -> None:
    half, go_on = Event(), Event()

    def slowly(work: Work) -> Mesh:
        work.step(1, 2)
        half.set()
        go_on.wait(30)
        return recorded("bookinfo")

    async def walk(browser: Driven) -> None:
        assert half.wait(30)
        assert browser.page == "OpeningScreen"
        while "reading" not in browser.text or not browser.app.screen.query_one(ProgressBar).percentage:
            await browser.pause()
        assert "reading \\x1b[31mred" in browser.text
        assert browser.app.screen.query_one(ProgressBar).percentage == 0.5
        go_on.set()
        await browser.settle()
        assert browser.page == "HomeScreen"

    drive_opening(slowly, walk, sources=("\x1b[31mred",), settled=False)


def test_escape_cancels_and_leaves() -> None:
    cancelled, started = Event(), Event()

    def for_ever(work: Work) -> Mesh:
        started.set()
        try:
            while True:
                work.step(0, 1)
        finally:
            cancelled.set()

    async def walk(browser: Driven) -> None:
        assert started.wait(30)
        await browser.tap("escape")

    drive_opening(for_ever, walk, settled=False)
    assert cancelled.wait(30)


def test_the_first_of_several_sources_that_fails_ends_the_opening_of_all() -> None:
    started, left = Event(), Event()

    class Sources(MadeOnTheSpot):
        def read(self, source: str, work: Work) -> Reading:
            if source == "bad":
                started.wait(30)
                raise UsageError("no file or directory 'bad'")
            started.set()
            try:
                while True:
                    work.step(0, 1)
            finally:
                left.set()

    async def walk(browser: Driven) -> None:
        assert browser.page == "OpeningScreen"
        assert "no file or directory 'bad'" in browser.text
        assert left.is_set()

    drive_sources(Sources(lambda _work: recorded("bookinfo")), walk, sources=("slow", "bad"))


def test_a_source_that_cannot_be_read_says_so_and_what_to_do() -> None:
    def fail(_work: Work) -> Mesh:
        raise UnreadableError("dump.json: not a dump [bold]at[/] all")

    async def walk(browser: Driven) -> None:
        assert browser.page == "OpeningScreen"
        assert "dump.json: not a dump [bold]at[/] all" in browser.text
        assert "meshscope ui --from SOURCE reads something else" in browser.text

    drive_opening(fail, walk)
