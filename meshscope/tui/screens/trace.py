"""The way of a request, asked again while it is typed: on the left its outline, on the right why of the line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import get_current_worker

from meshscope.errors import MeshscopeError
from meshscope.render.trace.line import Line
from meshscope.simulation.request import Request
from meshscope.tui.changes import CHANGED
from meshscope.tui.copied import copied
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenObject, OpenTrace
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Session
from meshscope.tui.tracing.request_line import command_of, line_of, request_of_line
from meshscope.tui.tracing.saved_requests import latest, save, saved, state_file, why_broken
from meshscope.tui.tracing.trace_object import envoy_behind, object_behind
from meshscope.tui.tracing.trace_sides import Side, side_lines
from meshscope.tui.tracing.trace_view import EXAMPLES, TraceView, rows, traced, words
from meshscope.tui.widgets.outline_view import OutlineView
from meshscope.tui.widgets.request_input import RequestInput

PAUSE = 0.15
"""Seconds after the last key before the request is asked again."""
SIDE_BY_SIDE = 100
"""Columns from which the two panes stand beside each other."""


class TraceScreen(Page):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e,i", "edit", "edit", key_display="e", id="trace.edit"),
        Binding("w", "steps", "all steps", id="trace.steps"),
        Binding("right_curly_bracket", "hop(1)", "next hop", key_display="}", show=False, id="trace.next_hop"),
        Binding("left_curly_bracket", "hop(-1)", "previous hop", key_display="{", show=False, id="trace.previous_hop"),
        Binding("n", "failure(1)", "next failure", show=False, id="trace.next_failure"),
        Binding("N", "failure(-1)", "previous failure", show=False, id="trace.previous_failure"),
        Binding("x", "beside", "manifest", id="trace.beside"),
        Binding("y", "side", "objects, changes", id="trace.side"),
        Binding("space", "fold", "fold", id="trace.fold"),
        Binding("s", "saved", "save, open", id="trace.saved"),
        Binding("tab", "pane", "pane", show=False, id="trace.pane"),
        Binding("backslash", "zoom", "zoom", key_display="\\", id="trace.zoom"),
        Binding("c", "copy", "copy", id="trace.copy"),
    ]
    DEFAULT_CSS = """
    TraceScreen #request { height: 1; border: none; padding: 0 1; background: $surface; }
    TraceScreen #panes { height: 1fr; layout: vertical; }
    TraceScreen #outline { height: 3fr; }
    TraceScreen #why { height: 2fr; border-top: solid $surface-lighten-2; }
    TraceScreen #why:focus { border-top: solid $primary; }
    TraceScreen.wide #panes { layout: horizontal; }
    TraceScreen.wide #outline { width: 3fr; height: 1fr; }
    TraceScreen.wide #why { width: 2fr; height: 1fr; border-top: none; border-left: solid $surface-lighten-2; }
    TraceScreen.wide #why:focus { border-left: solid $primary; }
    TraceScreen.zoom-outline #why { display: none; }
    TraceScreen.zoom-why #outline { display: none; }
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

    def action_fold(self) -> None:
        if self._view and (folded := self._view.toggled(self.query_one("#outline", OutlineView).cursor)):
            self._show(folded)
        elif self._view:
            self.notice("nothing is below this line to fold")

    def action_side(self) -> None:
        self._side = self._side.next
        if self._view:
            self._work(partial(self._explain, self._view, self.query_one("#outline", OutlineView).cursor), "why")

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the request line takes as a character is not offered beside it."""
        is_typing = self.is_mounted and isinstance(self.focused, Input)
        return not (is_typing and action == "zoom") and super().check_action(action, parameters)

    # --- keys ----------------------------------------------------------------------------------------------------------

    def on_outline_view_chosen(self, message: OutlineView.Chosen) -> None:
        if self._view:
            self._work(partial(self._open, self._view, message.line), "open")

    def action_beside(self) -> None:
        if view := self._view:
            self._work(partial(self._open, view, self.query_one("#outline", OutlineView).cursor, beside=True), "open")

    def _open(self, view: TraceView, line: int, *, beside: bool = False) -> None:
        worker, ask = get_current_worker(), envoy_behind if beside else object_behind
        found = ask(self.session.mesh, view, line)
        if worker.is_cancelled:
            return
        if found is None:
            self.app.call_from_thread(self.notice, f"no object{' of Envoy' if beside else ''} is behind this line")
        else:
            self.post_message(OpenObject(found.kind, found.selection, beside=beside))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "request":
            event.stop()
            self.set_focus(self.query_one("#outline"))

    def close_command(self) -> None:
        super().close_command()
        self.set_focus(self.query_one("#outline"))

    def action_edit(self) -> None:
        box = self.query_one("#request", Input)
        if not box.has_focus:
            self.set_focus(box)
            box.action_end()

    def action_back(self) -> None:
        if self.query_one("#request", Input).has_focus and self._view:
            self.set_focus(self.query_one("#outline"))
        else:
            super().action_back()

    def action_steps(self) -> None:
        self._all_steps = not self._all_steps
        self._arrange()

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

    def action_hop(self, direction: int) -> None:
        if self._view:
            self._go(self._view, self._view.hops, direction)

    def action_failure(self, direction: int) -> None:
        if self._view and not self._view.failures:
            self.notify("nothing fails and nothing is unknown on the way", timeout=3)
        elif self._view:
            self._go(self._view, self._view.failures, direction)

    def _go(self, view: TraceView, lines: tuple[int, ...], direction: int) -> None:
        outline = self.query_one("#outline", OutlineView)
        outline.cursor = view.following(lines, outline.cursor, direction)

    def action_pane(self) -> None:
        outline, why = self.query_one("#outline"), self.query_one("#why")
        panes = [pane for pane in (self.query_one("#request"), outline, why) if pane.display]
        at = next((number for number, pane in enumerate(panes) if pane.has_focus), -1)
        self.set_focus(panes[(at + 1) % len(panes)])

    def action_zoom(self) -> None:
        if self.has_class("zoom-outline") or self.has_class("zoom-why"):
            self.remove_class("zoom-outline", "zoom-why")
        elif self.query_one("#why").has_focus:
            self.add_class("zoom-why")
        else:
            self.add_class("zoom-outline")

    def action_saved(self) -> None:
        from meshscope.tui.screens.requests import RequestsScreen  # only when it is opened

        try:
            found = saved(state_file())
        except MeshscopeError as error:
            self.trouble(str(error))
            return
        screen = RequestsScreen(latest(found.requests), why_broken(state_file(), found.broken))
        self.app.push_screen(screen, self._save_or_open)

    def _save_or_open(self, chosen: str | Request | None) -> None:
        if isinstance(chosen, Request):
            self.query_one("#request", Input).value = line_of(chosen)
        elif chosen:
            try:
                save(state_file(), chosen, request_of_line(self._words))
                self.notice(f"saved as {chosen} in {state_file()}; meshscope trace --requests reads it")
            except MeshscopeError as error:
                self.trouble(str(error))

    def shell_line(self) -> str:
        return command_of(self._words, self.session.sources)

    def action_copy(self) -> None:
        command = self.shell_line()
        self.notice(copied(self.app, command, command))
