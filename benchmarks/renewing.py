"""A renewal of 100,000 rows under the browser: the longest step that the loop of events takes meanwhile, and the idle look.

By the time that the thread of the loop works (`time.thread_time`): what the workers do beside it is not in it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Result
from msgspec.structs import replace
from textual.pilot import Pilot

from meshscope.collect.rereading import Reading
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.snapshot import Snapshot
from meshscope.tui.app import Browser
from meshscope.work import Work

LONGEST = 0.05
SIZE = (160, 48)


class _ReadAgain:
    """A file that is read anew at each question."""

    def read(self, source: str, _work: Work) -> Reading:
        return Reading(source, open_snapshot(source))

    def read_again(self, before: Reading, _work: Work, *, whole: bool) -> Reading:  # noqa: ARG002  # an Opener's signature
        return replace(before, snapshot=open_snapshot(before.source))

    def link(self, snapshot: Snapshot, work: Work) -> Mesh:
        return Mesh(snapshot, work=work)


@contextmanager
def _timed_steps() -> Iterator[list[float]]:
    run, taken = asyncio.events.Handle._run, list[float]()  # noqa: SLF001  # each step of the loop goes through it

    def timed(handle: asyncio.events.Handle) -> None:
        started = time.thread_time()
        run(handle)
        taken.append(time.thread_time() - started)

    asyncio.events.Handle._run = timed  # type: ignore[method-assign,assignment]  # noqa: SLF001
    try:
        yield taken
    finally:
        asyncio.events.Handle._run = run  # type: ignore[method-assign]  # noqa: SLF001


def renewal(gateway: Path) -> Result:
    worst = {name: asyncio.run(_longest(gateway, keys)) for name, keys in (("a table", "3"), ("Scope", "v"))}
    slowest = max(worst, key=lambda name: worst[name])
    return Result(
        f"the loop's longest step while 100,000 routes are read again and after 20 s without a key: {slowest}",
        f"{worst[slowest] * 1000:.0f} ms",
        f"{LONGEST * 1000:.0f} ms",
        worst[slowest] <= LONGEST,
    )


async def _longest(gateway: Path, key: str) -> float:
    app = Browser(_ReadAgain(), (str(gateway),))
    async with app.run_test(size=SIZE) as pilot:
        await _settle(app, pilot)
        await pilot.press(key)
        await _settle(app, pilot)
        with _timed_steps() as taken:
            await pilot.press("r")
            for _ in range(3):
                await _settle(app, pilot)
        started = time.thread_time()
        app._collector.look()  # noqa: SLF001  # as the clock does; the first one says that it was used
        app._collector.look()  # noqa: SLF001
    return max(*taken, time.thread_time() - started)


async def _settle(app: Browser, pilot: Pilot[None]) -> None:
    for _ in range(2):
        await pilot.pause()
        await app.workers.wait_for_complete()
    await pilot.pause()
