"""The sources of a session, asked again: live ones by themselves, all of them when the user wants it.

Each source has a worker of its own, so that a slow one holds up no other. What came is linked to a mesh in one more worker,
one mesh at a time; a source that answers meanwhile is in the next one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from textual.app import App
from textual.timer import Timer
from textual.worker import Worker, get_current_worker

from meshscope.collect.live import LOOK_AGAIN, READ_AGAIN
from meshscope.collect.rereading import Reading
from meshscope.errors import CancelledError, MeshscopeError
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import joined
from meshscope.tui.messages import RefreshEnded, SessionRenewed
from meshscope.tui.session import Opener, Session
from meshscope.tui.source_state import SourceState, clock, source_state
from meshscope.work import Work

_LINKING = -1
"""The place of the mesh among the progress of the sources."""


class Refresher:
    """It tells the app with SessionRenewed, and with RefreshEnded once all that the user asked for has come."""

    def __init__(self, app: App[Any], opener: Opener, session: Session) -> None:
        self._app, self._opener = app, opener
        self._readings = list(session.readings)
        self._shown, self._mesh = session.readings, session.mesh
        self._workers: dict[int, Worker[None]] = {}
        self._timers: dict[int, Timer] = {}
        self._progress: dict[int, tuple[int, int]] = {}
        self._wanted: set[int] = set()
        self._has_asked = self._has_news = False
        self.frozen_at = ""

    @property
    def is_live(self) -> bool:
        return any(reading.is_live for reading in self._readings)

    @property
    def state(self) -> SourceState:
        done, total = map(sum, zip(*self._progress.values(), strict=True)) if self._progress else (0, 0)
        return source_state(self._readings, datetime.now(UTC), frozen_at=self.frozen_at, progress=(done, total))

    def start(self) -> None:
        """From now on live sources are asked by themselves."""
        for place in range(len(self._readings)):
            self._wait(place)

    def stop(self) -> None:
        """No source is asked any more, and what is on its way is left."""
        for timer in self._timers.values():
            timer.stop()
        for worker in self._workers.values():
            worker.cancel()
        self._timers, self._workers, self._progress, self._wanted = {}, {}, {}, set()
        self._has_asked = False

    def freeze(self) -> None:
        self.stop()
        self.frozen_at = clock()

    def thaw(self) -> None:
        """All are asked at once."""
        self.frozen_at = ""
        for place, reading in enumerate(self._readings):
            if reading.is_live:
                self._ask(place, whole=False)

    def refresh(self) -> None:
        """Asks all sources now; frozen ones stay so afterwards."""
        if self.frozen_at:
            self.frozen_at = clock()
        self._wanted = set(range(len(self._readings)))
        self._has_asked, self._has_news = True, False
        for place in range(len(self._readings)):
            self._ask(place, whole=True)

    # --- asking --------------------------------------------------------------------------------------------------------

    def _wait(self, place: int) -> None:
        reading = self._readings[place]
        if reading.is_live and not self.frozen_at:
            seconds = READ_AGAIN if reading.version is None else LOOK_AGAIN
            self._timers[place] = self._app.set_timer(seconds, partial(self._ask, place, whole=False))

    def _ask(self, place: int, *, whole: bool) -> None:
        if place in self._timers:
            self._timers.pop(place).stop()
        before = self._readings[place]
        self._run(place, partial(self._read, place, before, whole=whole))

    def _run(self, place: int, work: Any) -> None:
        self._workers[place] = self._app.run_worker(work, thread=True, exclusive=True, group=f"source {place}")

    def _read(self, place: int, before: Reading, *, whole: bool) -> None:
        worker = get_current_worker()
        try:
            reading = self._opener.read_again(before, self._work(place, worker), whole=whole)
        except CancelledError:
            return
        if not worker.is_cancelled:
            self._app.call_later(self._answered, place, worker, reading)

    def _work(self, place: int, worker: Worker[Any]) -> Work:
        def progress(done: int, total: int) -> None:
            if not worker.is_cancelled:
                self._progress[place] = (done, total)

        return Work(progress, lambda: worker.is_cancelled)

    def _answered(self, place: int, worker: Worker[None], reading: Reading) -> None:
        if self._workers.get(place) is not worker:
            return  # it was stopped meanwhile, or asked anew
        del self._workers[place]
        self._progress.pop(place, None)
        self._readings[place] = reading
        self._wanted.discard(place)
        self._link()
        self._wait(place)
        self._end()

    def _end(self) -> None:
        """Tells that all that the user asked for is there."""
        if self._has_asked and not self._wanted and _LINKING not in self._workers:
            self._has_asked = False
            self._app.post_message(RefreshEnded(has_news=self._has_news))

    # --- linking -------------------------------------------------------------------------------------------------------

    def _link(self) -> None:
        readings = tuple(self._readings)
        if _LINKING in self._workers or not _differ(self._shown, readings):
            return
        self._has_news = True
        if all(one.snapshot is other.snapshot for one, other in zip(self._shown, readings, strict=True)):
            self._renewed(self._mesh, readings)
        else:
            self._run(_LINKING, partial(self._make_mesh, readings))

    def _make_mesh(self, readings: tuple[Reading, ...]) -> None:
        """Indexes everything here, so that no screen waits for it."""
        worker = get_current_worker()
        work = self._work(_LINKING, worker)
        try:
            mesh = self._opener.link(joined(reading.snapshot for reading in readings), work)
            mesh.index(work)
        except CancelledError:
            return
        except MeshscopeError as error:
            self._app.call_later(self._linked, worker, None, readings, str(error))
            return
        self._app.call_later(self._linked, worker, mesh, readings, "")

    def _linked(self, worker: Worker[None], mesh: Mesh | None, readings: tuple[Reading, ...], why: str) -> None:
        if self._workers.get(_LINKING) is not worker:
            return
        del self._workers[_LINKING]
        self._progress.pop(_LINKING, None)
        self._shown = readings
        if mesh is None:
            self._app.post_message(RefreshEnded(why=why))
        else:
            self._renewed(mesh, readings)
        self._link()
        self._end()

    def _renewed(self, mesh: Mesh, readings: tuple[Reading, ...]) -> None:
        self._mesh, self._shown = mesh, readings
        self._app.post_message(SessionRenewed(mesh, readings))


def _differ(shown: tuple[Reading, ...], now: tuple[Reading, ...]) -> bool:
    """Whether there is something else to show than the time of the last answer."""
    return any(
        one.snapshot is not other.snapshot or one.silent != other.silent for one, other in zip(shown, now, strict=True)
    )
