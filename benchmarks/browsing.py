"""The browser: key to painted frame among 100,000 rows, first paint, and Home of a big dump."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from measure import Result, environment, processes
from msgspec import Struct
from processes import MESHSCOPE
from renewing import renewal
from textual import events
from textual.pilot import Pilot

from meshscope.collect.rereading import Reading
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.snapshot import Snapshot
from meshscope.tui.app import Browser
from meshscope.tui.screens.scope import ScopeScreen
from meshscope.tui.screens.table_page import TablePage
from meshscope.tui.widgets.scope_column import ScopeColumn
from meshscope.work import Work

KEY_PRESS = 0.05
SIZE = (160, 48)
TIMEOUT = 60
FAULTS_FOUND = b"no fault was found"
"""The line of Home below a proxy that is well."""
MOVES = {
    "down": ("j", "j", "j", "k"),
    "page": ("ctrl+d", "ctrl+d", "ctrl+u", "ctrl+u"),
    "ends": ("G", "g", "G", "g"),
    "cell": ("l", "l", "h", "h"),
    "mark": ("space", "space"),
}
ARRANGEMENTS = {
    "order": ("s", "s", "s", "l", "s", "s", "s"),
    "keep and release": ("equals_sign", "backspace"),
    "hide and release": ("exclamation_mark", "backspace"),
    "filter": ("slash", "s", "v", "c", "minus", "7", "7", "backspace", "x", "escape"),
    "fuzzy filter": ("slash", "tilde", "s", "v", "7", "backspace", "x", "z", "escape"),
}
SCOPE = {
    "down": ("j", "j", "j", "k"),
    "page": ("ctrl+d", "ctrl+d", "ctrl+u", "ctrl+u"),
    "ends": ("G", "g", "G", "g"),
    "column": ("l", "l", "j", "h", "h"),
    "narrow and release": ("space", "backspace"),
    "filter": ("slash", "s", "v", "c", "minus", "7", "7", "backspace", "x", "escape"),
}
"""Keys with the cursor in the column of routes."""
EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("PROXY")
Empty().run()
"""
INDEX = """
import sys
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot
Mesh(open_snapshot(sys.argv[1])).index()
"""


def results(big: Path, gateway: Path, runs: int) -> Iterator[Result]:
    yield from keys(gateway, runs)
    yield renewal(gateway)
    yield first_paint(2 * runs)
    yield home(big, runs)


# --- keys ------------------------------------------------------------------------------------------------------------


class _Timed(Browser):
    """Notes when each frame was made, with the text that a terminal gets, and which table it shows."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.frames: list[tuple[float, object]] = []

    def _display(self, screen: Any, renderable: Any) -> None:
        if hasattr(renderable, "render_segments"):
            renderable.render_segments(self.console)
        super()._display(screen, renderable)
        self.frames.append((time.perf_counter(), self._view()))

    def _view(self) -> object:
        screen = self.screen
        if isinstance(screen, ScopeScreen):
            return screen.query_one("#column-0", ScopeColumn).view
        return screen.table.view if isinstance(screen, TablePage) else None


class _Opened(Struct):
    """Sources that are read already."""

    mesh: Mesh

    def read(self, source: str, _work: Work) -> Reading:
        return Reading(source, self.mesh.snapshot)

    def read_again(self, before: Reading, _work: Work, *, whole: bool) -> Reading:  # noqa: ARG002  # an Opener's signature
        return before

    def link(self, _snapshot: Snapshot, _work: Work) -> Mesh:
        return self.mesh


def keys(gateway: Path, runs: int) -> Iterator[Result]:
    mesh = Mesh(open_snapshot(str(gateway)))
    times = asyncio.run(_keys(mesh, ("3",), MOVES | ARRANGEMENTS, runs))
    where = "among 100,000 rows"
    for what, groups in ((f"a move {where}", MOVES), (f"an order or a filter {where}", ARRANGEMENTS)):
        yield _slowest(what, {name: times[name] for name in groups})
    yield _slowest("in Scope of 100,000 routes", asyncio.run(_keys(mesh, ("v", "l", "l"), SCOPE, runs)))


def _slowest(what: str, times: dict[str, float]) -> Result:
    slowest = max(times, key=lambda name: times[name])
    return Result(
        f"key to frame, {what}, the slowest: {slowest}",
        f"{times[slowest] * 1000:.0f} ms",
        f"{KEY_PRESS * 1000:.0f} ms",
        times[slowest] <= KEY_PRESS,
    )


async def _keys(mesh: Mesh, opening: Sequence[str], groups: dict[str, tuple[str, ...]], runs: int) -> dict[str, float]:
    """The slowest key of each group, by the median of its runs."""

    app = _Timed(_Opened(mesh), ("gateway",))
    taken: dict[str, list[list[float]]] = {}
    async with app.run_test(size=SIZE) as pilot:
        await _settle(app, pilot)
        for key in opening:
            await pilot.press(key)
            await _settle(app, pilot)
        for name, group in groups.items():
            taken[name] = [[] for _ in group]
            for _ in range(runs):
                for place, key in enumerate(group):
                    taken[name][place].append(await _pressed(app, pilot, key))
    return {name: max(map(median, each)) for name, each in taken.items()}


async def _pressed(app: _Timed, pilot: Pilot[Any], key: str) -> float:
    """Seconds until the first frame with what the key leads to, 0 where that is what is shown already.

    Borders and hints may follow in a later frame.
    """
    app.frames.clear()
    started = time.perf_counter()
    app.post_message(events.Key(key, key if len(key) == 1 else {"minus": "-", "tilde": "~"}.get(key)))
    await _settle(app, pilot)
    if not app.frames:
        return 0.0
    _, final = app.frames[-1]
    return next(painted for painted, view in app.frames if view is final) - started


async def _settle(app: Browser, pilot: Pilot[Any]) -> None:
    for _ in range(2):
        await pilot.pause()
        await app.workers.wait_for_complete()
    await pilot.pause()


# --- whole processes -------------------------------------------------------------------------------------------------


def first_paint(runs: int) -> Result:
    ours, empty = _painted_in_turn([(*MESHSCOPE, "ui", "--from", "demo"), (sys.executable, "-c", EMPTY)], runs)
    return Result(
        "first paint of Home, Bookinfo",
        f"{ours:.3f} s = {ours / empty:.2f} × an empty Textual app ({empty:.3f} s)",
        "1.6 × the empty app",
        ours <= 1.6 * empty,
    )


def home(big: Path, runs: int) -> Result:
    (ours,) = _painted_in_turn([(*MESHSCOPE, "ui", "--from", str(big))], runs)
    (index,) = processes([(sys.executable, "-c", INDEX, str(big))], runs)
    return Result(
        f"Home of a dump of {big.stat().st_size / 1e6:.0f} MB",
        f"{ours:.2f} s = a process that indexes it ({index:.2f} s) + {ours - index:.2f} s",
        "the index + 1 s",
        ours <= index + 1,
    )


def _painted_in_turn(commands: Sequence[Sequence[str]], runs: int) -> list[float]:
    """Median times until a terminal shows the first table, run in turn after one that does not count."""
    taken: list[list[float]] = [[] for _ in commands]
    for round_ in range(runs + 1):
        for index, command in enumerate(commands):
            time_ = _painted(command)
            if round_:
                taken[index].append(time_)
    return [median(times) for times in taken]


def browser_mib(file: Path) -> float:
    """Peak resident memory of the browser when Home has looked for faults, in MiB. Needs Linux."""

    def peak(process: subprocess.Popen[bytes], _started: float) -> float:
        status = Path(f"/proc/{process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    return _painted((*MESHSCOPE, "ui", "--from", str(file)), FAULTS_FOUND, peak)


def _seconds(_process: subprocess.Popen[bytes], started: float) -> float:
    return time.perf_counter() - started


def _painted(
    command: Sequence[str],
    text: bytes = b"PROXY",
    measured: Callable[[subprocess.Popen[bytes], float], float] = _seconds,
) -> float:
    """What is measured of a process when a text is on its terminal; seconds from its start."""
    own, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    started = time.perf_counter()
    where = environment() | {"TERM": "xterm-256color"}
    with subprocess.Popen(command, stdin=its, stdout=its, stderr=its, env=where, start_new_session=True) as process:
        os.close(its)
        try:
            output = b""
            while text not in output:
                if not select.select([own], [], [], TIMEOUT)[0]:
                    raise TimeoutError(f"{command[:4]} paints nothing")
                output += os.read(own, 65536)
            return measured(process, started)
        finally:
            process.kill()
            os.close(own)
