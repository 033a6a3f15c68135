"""The bookmarks, and the letter that sets one or goes to one."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from meshscope.tui.marks import COLUMNS, Place, is_mark, rows
from meshscope.tui.messages import RowChosen
from meshscope.tui.table_view import view_of
from meshscope.tui.widgets.virtual_table import VirtualTable


class MarksScreen(ModalScreen[str | None]):
    """Ends with a letter; None without one. `is_setting`: any letter, else one that is set."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", id="marks.leave")]
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    MarksScreen { align: center middle; }
    MarksScreen Vertical { width: 72; max-width: 96%; height: auto; background: $surface; border: round $primary; }
    MarksScreen Vertical { padding: 0 1; }
    MarksScreen VirtualTable { background: $surface; }
    MarksScreen #hint { height: auto; color: $text-muted; }
    """

    def __init__(self, marks: dict[str, Place], *, is_setting: bool) -> None:
        super().__init__()
        self._marks, self._is_setting = marks, is_setting
        self._rows = rows(marks)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "set a mark" if self._is_setting else "go to a mark"
            yield VirtualTable(id="table")
            if self._is_setting:
                hint = "a letter marks this place; a capital also in another source · esc goes back"
            elif self._marks:
                hint = "its letter, or enter, goes there · esc goes back"
            else:
                hint = "no marks yet: m and a letter sets one · esc goes back"
            yield Static(hint, id="hint", markup=False)

    def on_mount(self) -> None:
        table = self.query_one("#table", VirtualTable)
        table.display = bool(self._marks)
        table.styles.height = min(len(self._marks), max(1, self.app.size.height - 8)) + 1
        table.show(view_of(self._rows, range(len(COLUMNS))))

    def on_key(self, event: events.Key) -> None:
        """Before the keys of the table, which is not focused."""
        table = self.query_one("#table", VirtualTable)
        if event.key in ("up", "down"):
            table.action_cursor(1 if event.key == "down" else -1)
        elif event.key == "enter":
            table.action_choose()
        elif is_mark(event.character) and (self._is_setting or event.character in self._marks):
            self.dismiss(event.character)
        else:
            return
        event.stop()

    def on_row_chosen(self, message: RowChosen) -> None:
        self.dismiss(self._rows[message.position].letter)

    def action_leave(self) -> None:
        self.dismiss(None)
