"""While the sources are opened and indexed: a progress bar, and `esc` to give up."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Middle, Vertical
from textual.screen import Screen
from textual.widgets import ProgressBar, Static
from textual.worker import Worker, get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.render.text import safe
from meshscope.tui.messages import SessionOpened
from meshscope.tui.session import OpenMesh, Session
from meshscope.work import Work


class OpeningScreen(Screen[None]):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", "give up", id="opening.cancel")]
    DEFAULT_CSS = """
    OpeningScreen { align: center middle; }
    OpeningScreen Vertical { width: 60; height: auto; }
    OpeningScreen Static { height: auto; text-align: center; width: 100%; }
    OpeningScreen ProgressBar { width: 100%; }
    OpeningScreen Bar { width: 1fr; }
    """

    def __init__(self, open_mesh: OpenMesh, sources: tuple[str, ...], at: str) -> None:
        super().__init__()
        self._open_mesh, self._sources, self._at = open_mesh, sources, at
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        with Middle(), Vertical():
            yield Static(f"reading {safe(' + '.join(self._sources))}", markup=False, id="words")
            yield ProgressBar(show_eta=False, id="bar")

    def on_mount(self) -> None:
        self._worker = self.run_worker(self._open, thread=True, exclusive=True)

    def _open(self) -> None:
        worker = get_current_worker()

        def progress(done: int, total: int) -> None:
            self.app.call_from_thread(self.query_one("#bar", ProgressBar).update, total=total, progress=done)

        try:
            mesh = self._open_mesh(Work(progress, lambda: worker.is_cancelled))
        except CancelledError:
            return
        except MeshscopeError as error:
            self.app.call_from_thread(self._failed, str(error))
            return
        self.post_message(SessionOpened(Session(mesh, self._sources, self._at)))

    def _failed(self, why: str) -> None:
        self.query_one("#words", Static).update(
            f"{safe(why)}\n\nq quits; meshscope ui --from SOURCE reads something else"
        )
        self.query_one("#bar", ProgressBar).display = False

    def action_give_up(self) -> None:
        if self._worker:
            self._worker.cancel()
        self.app.exit()
