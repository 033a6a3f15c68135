"""The way of a request by its keys: hops and failures, sides, folds, saved requests, the objects behind a line."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.widgets import Input
from textual.worker import get_current_worker

from meshscope.errors import MeshscopeError
from meshscope.simulation.request import Request
from meshscope.tui.messages import OpenObject
from meshscope.tui.screens.trace_page import TracePage
from meshscope.tui.tracing.request_line import command_of, line_of, request_of_line
from meshscope.tui.tracing.saved_requests import latest, save, saved, state_file, why_broken
from meshscope.tui.tracing.trace_object import envoy_behind, object_behind
from meshscope.tui.tracing.trace_view import TraceView
from meshscope.tui.widgets.outline_view import OutlineView


class TraceScreen(TracePage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e,i", "edit", "edit", key_display="e", id="trace.edit"),
        Binding("right_curly_bracket", "hop(1)", "next hop", key_display="}", show=False, id="trace.next_hop"),
        Binding("left_curly_bracket", "hop(-1)", "previous hop", key_display="{", show=False, id="trace.previous_hop"),
        Binding("n", "failure(1)", "next failure", show=False, id="trace.next_failure"),
        Binding("N", "failure(-1)", "previous failure", show=False, id="trace.previous_failure"),
        Binding("y", "side", "objects, changes", id="trace.side"),
        Binding("w", "steps", "all steps", id="trace.steps"),
        Binding("x", "beside", "manifest", id="trace.beside"),
        Binding("space", "fold", "fold", id="trace.fold"),
        Binding("s", "saved", "save, open", id="trace.saved"),
        Binding("tab", "pane", "pane", show=False, id="trace.pane"),
        Binding("backslash", "zoom", "zoom", key_display="\\", id="trace.zoom"),
        Binding("c", "copy", "copy", id="trace.copy"),
    ]

    def action_fold(self) -> None:
        if self._view and (folded := self._view.toggled(self.query_one("#outline", OutlineView).cursor)):
            self._show(folded)
        elif self._view:
            self.notice("nothing is below this line to fold")

    def action_side(self) -> None:
        self._side = self._side.next
        if self._view:
            self._work(partial(self._explain, self._view, self.query_one("#outline", OutlineView).cursor), "why")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the request line takes as a character is not offered beside it."""
        is_typing = self.is_mounted and isinstance(self.focused, Input)
        return not (is_typing and action == "zoom") and super().check_action(action, parameters)

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
            self.post_message(OpenObject(found.kind, found.selection, replace(found.start, beside=beside)))

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

    def action_hop(self, direction: int) -> None:
        if self._view:
            self._go(self._view, self._view.hops, direction)

    def action_failure(self, direction: int) -> None:
        if self._view and not self._view.failures:
            self.notice("nothing fails and nothing is unknown on the way")
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
        if self.session.is_anonymous:
            self.notice("saved requests have the names of the sources; P shows them")
            return
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
        self.action_shell_line()
