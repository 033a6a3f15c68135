"""Anything by its name: some of its letters, in their order."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.listing.rows import Rows
from meshscope.tui.going.things import Thing, fitting, things
from meshscope.tui.messages import RowChosen
from meshscope.tui.session import Session
from meshscope.tui.table_view import TableView
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.work import Work

NOTHING = "nothing has these letters in its name\nf finds values too: addresses, hosts, SANs"


class GotoScreen(ModalScreen[Thing | None]):
    """Ends with what the user chose; None without."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", id="goto.leave")]
    DEFAULT_CSS = """
    GotoScreen { align: center middle; }
    GotoScreen Vertical { width: 110; max-width: 96%; height: 80%; background: $surface; border: round $primary; padding: 0 1; }
    GotoScreen #what { height: 1; border: none; padding: 0; background: $surface; }
    GotoScreen VirtualTable { background: $surface; }
    GotoScreen #hint { height: 1; color: $text-muted; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._rows: Rows[Thing] | None = None
        self._typed = ""
        self._is_current = False  # whether the table shows what is typed
        self._chooses = False

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "go to"
            yield Input(placeholder="some letters of a name: rvw v1, vs reviews", id="what", compact=True)
            yield VirtualTable(id="table")
            yield Static("reading the names …", id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#what", Input).focus()
        self.run_worker(self._read, thread=True, exclusive=True, group="names")

    # --- in workers ----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        worker = get_current_worker()
        try:
            rows = things(self._session.mesh, self._session.namespace, Work(None, lambda: worker.is_cancelled))
        except CancelledError:
            return
        self.call_later(self._know, rows)

    def _know(self, rows: Rows[Thing]) -> None:
        self._rows = rows
        self._narrow()

    def _narrow(self) -> None:
        self._is_current = False
        if self._rows is not None:
            work = partial(self._fit, self._rows, self._typed)
            self.run_worker(work, thread=True, exclusive=True, group="fitting")

    def _fit(self, rows: Rows[Thing], typed: str) -> None:
        worker, view = get_current_worker(), fitting(rows, typed)
        if not worker.is_cancelled:
            self.call_later(self._show, view, typed)

    def _show(self, view: TableView, typed: str) -> None:
        if typed != self._typed:
            return
        table = self.query_one("#table", VirtualTable)
        table.show(view, empty=NOTHING if not len(view) else "")
        table.action_to(0)
        whole, few = len(view.rows), len(view)
        count = f"{few:,} of {whole:,}" if few != whole else f"{whole:,}"
        self.query_one("#hint", Static).update(f"{count} names · enter goes there · esc goes back")
        self._is_current = True
        if self._chooses:
            table.action_choose()

    # --- keys ------------------------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value != self._typed:
            self._typed, self._chooses = event.value, False
            self._narrow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Chooses what is typed, also where it is still looked for."""
        event.stop()
        if self._is_current:
            self.query_one("#table", VirtualTable).action_choose()
        else:
            self._chooses = True

    def on_key(self, event: events.Key) -> None:
        """The arrows move in the table while the user types."""
        if event.key in ("up", "down") and self.query_one("#what", Input).has_focus:
            event.stop()
            self.query_one("#table", VirtualTable).action_cursor(1 if event.key == "down" else -1)

    def on_row_chosen(self, message: RowChosen) -> None:
        chosen: object = message.row
        if isinstance(chosen, Thing):
            self.dismiss(chosen)

    def action_leave(self) -> None:
        self.dismiss(None)
