"""While the sources are opened and indexed: a progress bar, and `esc` to give up."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Middle, Vertical
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, get_current_worker

from meshscope.collect.rereading import Reading
from meshscope.errors import CancelledError, MeshscopeError
from meshscope.listing.home import home_view
from meshscope.render.text import safe
from meshscope.snapshot.snapshot import joined
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.messages import OpeningFailed, SessionOpened
from meshscope.tui.session import Opener, Session
from meshscope.work import Work

AT_ONCE = 0.2
"""Seconds; what takes less shows no progress bar."""
FRAME = 0.05
"""Seconds between two reports of progress."""


class OpeningScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "give up", id="opening.cancel")]
    DEFAULT_CSS = """
    OpeningScreen { align: center middle; }
    OpeningScreen Vertical { width: 60; height: auto; }
    OpeningScreen Static { height: auto; text-align: center; width: 100%; }
    OpeningScreen ProgressBar { width: 100%; }
    OpeningScreen Bar { width: 1fr; }
    OpeningScreen #keys { color: $text-muted; margin-top: 1; }
    """

    def __init__(
        self, opener: Opener, sources: tuple[str, ...], start: Callable[..., Session], *, returns: bool = False
    ) -> None:
        """`start` makes a session of a mesh and readings. `returns` where there is something to go back to."""
        super().__init__()
        self._opener, self._sources, self._start, self._returns = opener, sources, start, returns
        self._worker: Worker[None] | None = None
        self._progress: dict[int, tuple[int, int]] = {}

    def on_mount(self) -> None:
        self._worker = self.run_worker(self._open, thread=True, exclusive=True)
        self.set_timer(AT_ONCE, self._appear)
        self.set_interval(FRAME, self._report)

    async def _appear(self) -> None:
        if not self.query(Middle):
            from textual.widgets import ProgressBar  # most sources are open before it is seen

            words = Static(f"reading {safe(' + '.join(self._sources))}", markup=False, id="words")
            keys = Static("esc cancels", id="keys", markup=False)
            await self.mount(Middle(Vertical(words, ProgressBar(show_eta=False, id="bar"), keys)))

    def _report(self) -> None:
        done, total = map(sum, zip(*self._progress.values(), strict=True)) if self._progress else (0, 0)
        if total and self.query("#bar"):
            from textual.widgets import ProgressBar  # imported by then

            self.query_one("#bar", ProgressBar).update(total=total, progress=done)

    def _open(self) -> None:
        worker = get_current_worker()
        try:
            with kept_from_collector():
                readings = self._read(worker)
                work = self._work(0, lambda: worker.is_cancelled)
                mesh = self._opener.link(joined(reading.snapshot for reading in readings), work)
                session = self._start(mesh=mesh, readings=readings)
                home = home_view(mesh, session.at, work, faults_too=False)  # indexes the dumps
        except CancelledError:
            return
        except MeshscopeError as error:
            if not worker.is_cancelled:
                self.call_later(self._failed, str(error))
            return
        if not worker.is_cancelled:
            self.post_message(SessionOpened(session, home))

    def _work(self, place: int, is_cancelled: Callable[[], bool]) -> Work:
        """The progress is left for the screen to fetch: a thread that waits for each frame would take ten times as long."""

        def progress(done: int, total: int) -> None:
            self._progress[place] = (done, total)

        return Work(progress, is_cancelled)

    def _read(self, worker: Worker[None]) -> tuple[Reading, ...]:
        """All sources at once, each in a thread. The first that fails ends it."""
        if len(self._sources) == 1:
            return (self._opener.read(self._sources[0], self._work(0, lambda: worker.is_cancelled)),)
        from concurrent.futures import ThreadPoolExecutor, as_completed  # for several sources only

        has_failed = Event()
        work = [
            self._work(place, lambda: worker.is_cancelled or has_failed.is_set()) for place in range(len(self._sources))
        ]
        with ThreadPoolExecutor(len(self._sources)) as threads:
            reading = [threads.submit(self._opener.read, *one) for one in zip(self._sources, work, strict=True)]
            try:
                for each in as_completed(reading):
                    each.result()
            except MeshscopeError:
                has_failed.set()
                raise
        self._progress = {}
        return tuple(each.result() for each in reading)

    async def _failed(self, why: str) -> None:
        if self._returns:
            self.post_message(OpeningFailed(why))
            return
        await self._appear()
        self.query_one("#words", Static).update(
            f"{safe(why)}\n\nq quits; meshscope ui --from SOURCE reads something else"
        )
        self.query_one("#bar").display = False
        self.query_one("#keys", Static).display = False

    def action_give_up(self) -> None:
        if self._worker:
            self._worker.cancel()
        if self._returns:
            self.post_message(OpeningFailed(""))
        else:
            self.app.exit()
