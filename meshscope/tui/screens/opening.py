"""While the sources are opened and indexed: a progress bar, and `esc` to give up."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Middle, Vertical
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.render.text import safe
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.home_view import home_view
from meshscope.tui.messages import SessionOpened
from meshscope.tui.session import OpenMesh, Session
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

    def __init__(self, open_mesh: OpenMesh, sources: tuple[str, ...], at: str) -> None:
        super().__init__()
        self._open_mesh, self._sources, self._at = open_mesh, sources, at
        self._worker: Worker[None] | None = None
        self._progress = (0, 0)

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
        done, total = self._progress
        if total and self.query("#bar"):
            from textual.widgets import ProgressBar  # imported by then

            self.query_one("#bar", ProgressBar).update(total=total, progress=done)

    def _open(self) -> None:
        """The progress is left for the screen to fetch: a thread that waits for each frame would take ten times as long."""
        worker = get_current_worker()

        def progress(done: int, total: int) -> None:
            self._progress = (done, total)

        work = Work(progress, lambda: worker.is_cancelled)
        try:
            with kept_from_collector():
                mesh = self._open_mesh(work)
                home = home_view(mesh, self._at, work, faults_too=False)  # indexes the dumps
        except CancelledError:
            return
        except MeshscopeError as error:
            self.call_later(self._failed, str(error))
            return
        self.post_message(SessionOpened(Session(mesh, self._sources, self._at), home))

    async def _failed(self, why: str) -> None:
        await self._appear()
        self.query_one("#words", Static).update(
            f"{safe(why)}\n\nq quits; meshscope ui --from SOURCE reads something else"
        )
        self.query_one("#bar").display = False
        self.query_one("#keys", Static).display = False

    def action_give_up(self) -> None:
        if self._worker:
            self._worker.cancel()
        self.app.exit()
