"""What the trace screen asks while the request is typed, and what it shows: on the left the outline, on the right why."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import ComposeResult
from textual.containers import Container
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import get_current_worker

from meshscope.errors import MeshscopeError
from meshscope.render.trace.line import Line
from meshscope.simulation.request import Request
from meshscope.tui.changes import CHANGED
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenTrace
from meshscope.tui.screens.panes import PanesPage
from meshscope.tui.session import Session
from meshscope.tui.tracing.request_line import line_of, request_of_line
from meshscope.tui.tracing.trace_sides import Side, side_lines
from meshscope.tui.tracing.trace_view import EXAMPLES, TraceView, rows, traced, words
from meshscope.tui.widgets.outline_view import OutlineView
from meshscope.tui.widgets.request_input import RequestInput

PAUSE = 0.15
"""Seconds after the last key before the request is asked again."""
SIDE_BY_SIDE = 100
"""Columns from which the two panes stand beside each other."""


class TracePage(PanesPage):
    """A subclass has the keys."""

    DEFAULT_CSS = """
    TracePage #request { height: 1; border: none; padding: 0 1; background: $surface; }
    TracePage #panes { height: 1fr; layout: vertical; }
    TracePage #outline { height: 3fr; }
    TracePage #why { height: 2fr; border-top: solid $surface-lighten-2; }
    TracePage #why:focus { border-top: solid $primary; }
    TracePage.wide #panes { layout: horizontal; }
    TracePage.wide #outline { width: 3fr; height: 1fr; }
    TracePage.wide #why { width: 2fr; height: 1fr; border-top: none; border-left: solid $surface-lighten-2; }
    TracePage.wide #why:focus { border-left: solid $primary; }
    TracePage.zoom-outline #why { display: none; }
    TracePage.zoom-why #outline { display: none; }
    """

    def __init__(self, session: Session, request: Request | None) -> None:
        super().__init__(session)
        self._words = line_of(request) if request else ""
        self._view: TraceView | None = None
        self._why: tuple[str, ...] = ()
        self._asked_before = ""
        self._all_steps, self._side = False, Side.WHY
        self._pause: Timer | None = None
        self._is_typed = not self._words

    @property
    def panes(self) -> dict[str, float]:
        return {"outline": 3, "why": 2}

    def place(self) -> Place | None:
        try:
            request = request_of_line(self._words)
        except MeshscopeError:
            return None
        return Place(f"trace {self._words}", partial(OpenTrace, request))

    def title_parts(self) -> tuple[str, ...]:
        return (self.session.title, "trace")

    def body(self) -> ComposeResult:
        yield RequestInput(self.session, self._words, id="request")
        with Container(id="panes"):
            yield OutlineView(id="outline")
            yield OutlineView(has_cursor=False, id="why")

    def on_mount(self) -> None:
        self.query_one("#request").focus()
        self.query_one("#outline", OutlineView).show(partial(rows, EXAMPLES))
        self._ask()

    def renew(self, session: Session) -> None:
        """The request is followed again; where it cannot be, the last answer stays."""
        self._asked_before = self.session.read_at
        self.renewed(session)
        self.query_one("#request", RequestInput).know(session)
        self._ask()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= SIDE_BY_SIDE, "wide")

    def let_go(self) -> None:
        self._view, self._why = None, ()

    # --- asking --------------------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id != "request" or event.value == self._words:
            return
        self._words, self._is_typed, self._asked_before = event.value, True, ""
        if self._pause:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._ask)

    def _ask(self) -> None:
        if not self._words.strip():
            self.trouble("")
            return
        try:
            request = request_of_line(self._words)
        except MeshscopeError as error:
            self._failed(str(error), self._words)
            return
        self._work(partial(self._trace, request, self._words, all_steps=self._all_steps), "trace")

    def _trace(self, request: Request, line: str, *, all_steps: bool) -> None:
        worker = get_current_worker()
        try:
            folded = self._view.folded if self._view else frozenset()
            view = traced(self.session.mesh, request, self.session.at, all_steps=all_steps, folded=folded)
        except MeshscopeError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._failed, str(error), line)
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._answered, view, line)

    def _failed(self, why: str, line: str) -> None:
        """The last answer stays on the screen; without one the request line keeps the keys, to be mended."""
        if line == self._words:
            self.trouble(why)

    def _answered(self, view: TraceView, line: str) -> None:
        if line != self._words:
            return
        self.trouble("")
        since, self._asked_before = self._asked_before, ""
        if since and self._view and words(view.lines) != words(self._view.lines):
            self.notice(f"{CHANGED} the answer is another one since {since}")
        if self._view is None and not self._is_typed:
            self.query_one("#outline").focus()
        self._show(view)
        if view.all_steps != self._all_steps:
            self._arrange()

    def _show(self, view: TraceView) -> None:
        """The cursor stays on its line where the new answer has it."""
        outline, before = self.query_one("#outline", OutlineView), self._view
        key = before.lines[outline.cursor].key if before else ()
        self._view = view
        line = view.line_like(key) if key else None
        outline.show(partial(rows, view.lines), view.start if line is None else line)

    def on_outline_view_pointed(self, message: OutlineView.Pointed) -> None:
        if self._view and not isinstance(message, OutlineView.Chosen):
            self._work(partial(self._explain, self._view, message.line), "why")

    def _explain(self, view: TraceView, line: int) -> None:
        """In a worker: the line of a place may be the first question about a large document."""
        worker, why = get_current_worker(), side_lines(self.session.mesh, view, line, self._side)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._explained, view, line, why)

    def _explained(self, view: TraceView, line: int, why: tuple[Line, ...]) -> None:
        is_current = view is self._view and line == self.query_one("#outline", OutlineView).cursor
        if is_current and words(why) != self._why:  # the same ones stay as far as they are scrolled
            self._why = words(why)
            self.query_one("#why", OutlineView).show(partial(rows, why))

    def _work(self, work: Callable[[], None], group: str) -> None:
        self.run_worker(work, thread=True, exclusive=True, group=group)

    def _arrange(self) -> None:
        """Shows the same trace with or without all steps."""
        if self._view:
            self._work(partial(self._arranged, self._view, all_steps=self._all_steps), "steps")

    def _arranged(self, view: TraceView, *, all_steps: bool) -> None:
        worker, arranged = get_current_worker(), view.with_steps(all_steps=all_steps)
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_instead, view, arranged)

    def _show_instead(self, before: TraceView, now: TraceView) -> None:
        if before is self._view:
            self._show(now)
