"""One proxy as five columns side by side: listener, filter chain, route, cluster, endpoint. Its keys."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input

from meshscope.listing.scope import COLUMNS
from meshscope.listing.scope_lines import object_of
from meshscope.listing.selection import Selection
from meshscope.tui.messages import FilterTyped, NodeChosen, NodePointed, OpenObject, TraceRow
from meshscope.tui.scope_view import detail
from meshscope.tui.screens.scope_page import ScopePage
from meshscope.tui.widgets.filter_input import FilterInput
from meshscope.tui.widgets.scope_column import ScopeColumn


class ScopeScreen(ScopePage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "column(1)", "next column", show=False, id="scope.next"),
        Binding("shift+tab", "column(-1)", "column before", show=False, id="scope.previous"),
        Binding("slash", "filter", "filter", key_display="/", id="scope.filter"),
        Binding("backspace", "release", "release", id="scope.release"),
        Binding("t", "trace", "trace", id="scope.trace"),
    ]

    def on_node_pointed(self, message: NodePointed) -> None:
        if self._view and message.line < len(self._view.positions[message.column]):
            self._arrange(self._view.pointing(message.column, message.line))

    def on_node_chosen(self, message: NodeChosen) -> None:
        if self._view is None:
            return
        if not self._view.scope.exists(message.node):
            self.notice(detail(self._view))
            return
        kind, name = object_of(message.node)
        self.post_message(OpenObject(kind, Selection(proxy=self._proxy.name, name=name)))

    def action_trace(self) -> None:
        """The request that most likely comes to the node under the cursor."""
        node = self._view.pointed if self._view else None
        if node is not None and self._view and self._view.scope.exists(node):
            kind, name = object_of(node)
            self.post_message(TraceRow(kind, Selection(proxy=self._proxy.name, name=name)))

    def action_column(self, step: int) -> None:
        focus = self._view.focus if self._view else 0
        target = max(0, min(focus + step, len(COLUMNS) - 1))
        self._focus(target)
        self.set_focus(self._column(target))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if isinstance(event.widget, ScopeColumn):
            self._focus(event.widget.column)

    def _focus(self, column: int) -> None:
        """Shows the column as focused; that it has the keys is another matter."""
        if self._view and column != self._view.focus:
            self._slide(column)
            self._arrange(self._view.focusing(column))

    def action_release(self) -> None:
        if self._view:
            self._arrange(self._view.releasing())

    async def action_filter(self) -> None:
        if self._view is None:
            return
        if not self.query("#filter"):
            hint = "words of the column; !words without them"
            await self.query_one("#bottom").mount(FilterInput(hint, id="filter"), before="#status")
        column = self._view.focus
        filter_ = self._view.filters[column]
        box = self.query_one(FilterInput)
        with self.app.batch_update():
            box.value = self._typed = filter_.text if filter_ else ""
            box.add_class("open")
            self.set_focus(box)
        if column not in self._texts:
            self.query_one("#progress").display = True
            view = self._view
            self.run_worker(lambda: self._read_texts(column, view), thread=True, exclusive=True, group="texts")

    def on_filter_typed(self, message: FilterTyped) -> None:
        self._typed = message.text
        self._refilter()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "filter":
            event.stop()
            self._close_filter()

    def action_back(self) -> None:
        if self.has_focus_on("filter"):
            self._typed = ""
            with self.app.batch_update():
                self._refilter()
                self._close_filter()
        else:
            super().action_back()

    def _close_filter(self) -> None:
        self.query_one(FilterInput).remove_class("open")
        self.set_focus(self._column(self._view.focus if self._view else 0))

    def close_command(self) -> None:
        super().close_command()
        self.set_focus(self._column(self._view.focus if self._view else 0))
