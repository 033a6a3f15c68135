"""The browser driven by keys, and its screen read as text: a recording, or a mesh made on the spot.

def test_something() -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("3", "slash", *"reviews")
        assert "reviews" in browser.text

    drive(recorded("bookinfo"), walk)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import textual.app
import textual.constants
import textual.pilot
from msgspec import Struct
from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from meshscope.collect.rereading import Reading
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Snapshot
from meshscope.tui.app import Browser
from meshscope.tui.session import Opener
from meshscope.work import Work

FRAME = 2 / textual.constants.MAX_FPS
"""Seconds in which a frame is drawn for sure."""

SMALL, LARGE = (80, 24), (160, 48)
OpenMesh = Callable[[Work], Mesh]
Walk = Callable[["Driven"], Awaitable[None]]


class Driven:
    """A browser that runs. After `press` all that the keys started is done."""

    def __init__(self, app: App[Any], pilot: Pilot[Any]) -> None:
        self.app, self._pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Keys by Textual's names: `j`, `enter`, `slash`, `ctrl+d`."""
        for key in keys:
            await self._pilot.press(key)
            await self.settle()

    async def tap(self, key: str) -> None:
        """One key, without waiting for what it starts."""
        await self._pilot.press(key)

    async def pause(self) -> None:
        """Messages alone: workers go on meanwhile."""
        await self._pilot.pause()
        await asyncio.sleep(0.01)

    async def type(self, text: str) -> None:
        await self.press(*(_NAMES.get(character, character) for character in text))

    async def click(self, x: int, y: int) -> None:
        await self._pilot.click(offset=(x, y))
        await self.settle()

    async def drag(self, widget: str, start: tuple[int, int], end: tuple[int, int]) -> None:
        """With the mouse, from a cell of a widget to another one."""
        await self._pilot.hover(widget, offset=start)
        await self.settle()
        await self._pilot.mouse_down(widget, offset=start)
        await self._pilot.hover(widget, offset=end)
        await self._pilot.mouse_up(widget, offset=end)
        await self.settle()

    async def resize(self, width: int, height: int) -> None:
        await self._pilot.resize_terminal(width, height)
        await asyncio.sleep(FRAME)  # Textual lays out at the next frame
        await self.settle()

    async def settle(self) -> None:
        """Messages, the workers that they start, and what those post."""
        await self._messages()
        while running := [worker for worker in self.app.workers if not worker.is_finished]:
            for worker in running:
                with suppress(WorkerCancelled):  # a newer one took its place
                    await worker.wait()
            await self._messages()

    async def _messages(self) -> None:
        """Until no widget has a message: one that is handled may send another one."""
        quiet = 0
        while quiet < 2:
            await self._pilot.pause()
            pumps = (self.app, *self.app.screen.walk_children(with_self=True))
            quiet = 0 if any(pump.message_queue_size for pump in pumps) else quiet + 1

    @property
    def lines(self) -> list[str]:
        """The lines of the screen."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def widths(self) -> list[int]:
        """The width of each line in cells."""
        return [strip.cell_length for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)

    def line(self, part: str) -> str:
        """The only line with a text in it."""
        (only,) = (line for line in self.lines if part in line)
        return only.rstrip()

    @property
    def pointed(self) -> str:
        """The line under the row cursor."""
        return self.line("▸")[1:].strip()

    @property
    def page(self) -> str:
        """The name of the screen's class."""
        return type(self.app.screen).__name__


_NAMES = {
    " ": "space",
    ":": "colon",
    "/": "slash",
    "!": "exclamation_mark",
    "=": "equals_sign",
    "+": "plus",
    "-": "minus",
    "$": "dollar_sign",
    ".": "full_stop",
    "|": "vertical_line",
    '"': "quotation_mark",
    "*": "asterisk",
}


def drive(mesh: Mesh, walk: Walk, *, size: tuple[int, int] = SMALL, sources: tuple[str, ...] = ("demo",)) -> None:
    """Opens the browser on a mesh, and walks."""
    drive_opening(lambda _work: mesh, walk, size=size, sources=sources)


def drive_opening(
    open_mesh: OpenMesh,
    walk: Walk,
    *,
    size: tuple[int, int] = SMALL,
    sources: tuple[str, ...] = ("demo",),
    settled: bool = True,
) -> None:
    """The same with the opening in the hands of the test; not `settled` walks while it goes on."""
    drive_sources(MadeOnTheSpot(open_mesh), walk, size=size, sources=sources, settled=settled)


class MadeOnTheSpot(Struct):
    """A mesh that has no sources; nothing ever changes."""

    open_mesh: OpenMesh

    def read(self, source: str, _work: Work) -> Reading:
        return Reading(source, Snapshot())

    def read_again(self, before: Reading, _work: Work, *, whole: bool) -> Reading:  # noqa: ARG002  # an Opener's signature
        return before

    def link(self, _snapshot: Snapshot, work: Work) -> Mesh:
        return self.open_mesh(work)


def drive_sources(
    opener: Opener,
    walk: Walk,
    *,
    size: tuple[int, int] = SMALL,
    sources: tuple[str, ...] = ("demo",),
    settled: bool = True,
) -> None:
    """The same with sources that are read, and read again."""
    drive_app(lambda: Browser(opener, sources), walk, size=size, settled=settled)


def drive_app(make: Callable[[], Browser], walk: Walk, *, size: tuple[int, int] = SMALL, settled: bool = True) -> None:
    """The same with a browser that the test makes, inside the loop of events."""

    async def run() -> None:
        app = make()
        async with app.run_test(size=size) as pilot:
            browser = Driven(app, pilot)
            if settled:
                await browser.settle()
            await walk(browser)

    with pytest.MonkeyPatch.context() as patch:
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", _at_once)
        asyncio.run(run())


async def _at_once(*_: object) -> None:
    """In the place of Textual's waiting until the process is idle, which sleeps twice a key; `Driven` waits for messages."""
    await asyncio.sleep(0)
