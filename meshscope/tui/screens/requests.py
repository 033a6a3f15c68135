"""Saved requests: a name saves the one on the screen, `enter` alone opens the one under the cursor."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from meshscope.render.text import safe
from meshscope.simulation.request import Request
from meshscope.tui.messages import RowChosen
from meshscope.tui.table_view import view_of
from meshscope.tui.tracing.saved_requests import COLUMNS, rows
from meshscope.tui.widgets.virtual_table import VirtualTable


class RequestsScreen(ModalScreen[str | Request | None]):
    """Ends with the name that the user typed, or with the request to open; None without either."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", id="requests.leave")]
    DEFAULT_CSS = """
    RequestsScreen { align: center middle; }
    RequestsScreen Vertical { width: 96; max-width: 96%; height: 80%; background: $surface; border: round $primary; }
    RequestsScreen Vertical { padding: 0 1; }
    RequestsScreen #name { height: 1; border: none; padding: 0; background: $surface; }
    RequestsScreen VirtualTable { background: $surface; }
    RequestsScreen #broken { height: auto; color: $text-error; }
    RequestsScreen #hint { height: 1; color: $text-muted; }
    """

    def __init__(self, requests: tuple[Request, ...], why_broken: str) -> None:
        super().__init__()
        self._requests, self._why_broken = requests, why_broken

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "saved requests"
            yield Input(placeholder="a name, to save this request", id="name", compact=True)
            yield VirtualTable(id="table")
            yield Static(safe(self._why_broken), id="broken", markup=False)
            yield Static("enter saves under the name, without one opens · esc goes back", id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#name", Input).focus()
        view = view_of(rows(self._requests), range(len(COLUMNS)))
        self.query_one("#table", VirtualTable).show(view, empty="" if self._requests else "none yet")
        self.query_one("#broken").display = bool(self._why_broken)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if name := event.value.strip():
            self.dismiss(name)
        else:
            self.query_one("#table", VirtualTable).action_choose()

    def on_key(self, event: events.Key) -> None:
        """The arrows move in the table while the user types."""
        if event.key in ("up", "down") and self.query_one("#name", Input).has_focus:
            event.stop()
            self.query_one("#table", VirtualTable).action_cursor(1 if event.key == "down" else -1)

    def on_row_chosen(self, message: RowChosen) -> None:
        self.dismiss(self._requests[message.position])

    def action_leave(self) -> None:
        self.dismiss(None)
