"""The keys of the screen below, to search and to run."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from meshscope.listing.rows import Filter
from meshscope.tui.help_view import COLUMNS, KeyLine, rows
from meshscope.tui.messages import RowChosen
from meshscope.tui.table_view import view_of
from meshscope.tui.widgets.virtual_table import VirtualTable


class HelpScreen(ModalScreen[KeyLine | None]):
    """Ends with the line that the user chose; None without one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", id="help.leave")]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen Vertical { width: 56; max-width: 96%; height: 80%; background: $surface; border: round $primary; padding: 0 1; }
    HelpScreen #what { height: 1; border: none; padding: 0; background: $surface; }
    HelpScreen VirtualTable { background: $surface; }
    HelpScreen #hint { height: 1; color: $text-muted; }
    """

    def __init__(self, lines: tuple[KeyLine, ...], *, title: str = "keys") -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._view = view_of(rows(lines), range(len(COLUMNS)))

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            yield Input(placeholder=f"search the {self._title}", id="what", compact=True)
            yield VirtualTable(id="table")
            yield Static("enter runs it · esc goes back", id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#what", Input).focus()
        self.query_one("#table", VirtualTable).show(self._view)

    def on_input_changed(self, event: Input.Changed) -> None:
        text = event.value.strip()
        self.query_one("#table", VirtualTable).show(self._view.filtered([Filter(text)] if text else []))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#table", VirtualTable).action_choose()

    def on_key(self, event: events.Key) -> None:
        """The arrows move in the table while the user types."""
        if event.key in ("up", "down") and self.query_one("#what", Input).has_focus:
            event.stop()
            self.query_one("#table", VirtualTable).action_cursor(1 if event.key == "down" else -1)

    def on_row_chosen(self, message: RowChosen) -> None:
        self.dismiss(self._lines[message.position])

    def action_leave(self) -> None:
        self.dismiss(None)
