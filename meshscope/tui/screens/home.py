"""The mesh at a glance: its proxies with what is wrong with them, faults first."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.listing.row import Row
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.tui.home_view import HomeView, ProxyState, home_view
from meshscope.tui.messages import OpenList, RowChosen, RowPointed
from meshscope.tui.screens.page import Page
from meshscope.tui.table_view import view_of
from meshscope.tui.widgets.title_bar import TitleBar
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.work import Work

MOST_FAULTS = 5


class HomeScreen(Page):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("F", "faults", "faults only", id="home.faults"),
        Binding("1", "list('listeners')", "listeners", id="home.listeners"),
        Binding("2", "list('routes')", "routes", id="home.routes"),
        Binding("3", "list('clusters')", "clusters", id="home.clusters"),
        Binding("4", "list('endpoints')", "endpoints", id="home.endpoints"),
    ]
    DEFAULT_CSS = """
    HomeScreen #faults { height: auto; max-height: 7; padding: 0 1; border-top: solid $surface; }
    """

    def body(self) -> ComposeResult:
        yield VirtualTable(id="table")
        yield Static("looking for faults …", id="faults", markup=False)

    def title_parts(self) -> tuple[str, ...]:
        captured = f"captured {self.session.captured_at}" if self.session.captured_at else ""
        return (self.session.title, f"{len(self.session.mesh.proxies)} proxies", captured)

    def on_mount(self) -> None:
        self._home: HomeView | None = None
        self._only_faults = False
        self.query_one("#table", VirtualTable).focus()
        self.run_worker(self._read, thread=True, exclusive=True)

    def _read(self) -> None:
        worker = get_current_worker()
        work = Work(None, lambda: worker.is_cancelled)
        try:
            self.app.call_from_thread(
                self._shown, home_view(self.session.mesh, self.session.at, work, faults_too=False)
            )
            self.app.call_from_thread(self._shown, home_view(self.session.mesh, self.session.at, work))
        except CancelledError:
            return

    def _shown(self, home: HomeView) -> None:
        self._home = home
        states = home.with_faults if self._only_faults else home.states
        self.query_one("#table", VirtualTable).show(_table(states))
        self.query_one("#title", TitleBar).show(*self.title_parts(), errors=home.errors, warnings=home.warnings)

    def on_row_pointed(self, message: RowPointed) -> None:
        line = self.query_one("#faults", Static)
        if self._home is None or not self._home.is_complete:
            line.update("looking for faults …")
        elif isinstance(message.row, ProxyState) and message.row.faults:
            line.update(_faults(message.row))
        elif self._only_faults and message.row is None:
            line.update("no proxy has a fault; F shows all")
        else:
            line.update("✓ nothing is wrong with its configuration")

    def on_row_chosen(self, message: RowChosen) -> None:
        self._open("listeners", message.row)

    def action_list(self, kind: str) -> None:
        self._open(kind, self.query_one("#table", VirtualTable).pointed)

    def _open(self, kind: str, row: Row | None) -> None:
        if isinstance(row, ProxyState):
            self.post_message(OpenList(kind, Selection(proxy=row.proxy)))

    def action_faults(self) -> None:
        self._only_faults = not self._only_faults
        if self._home:
            self._shown(self._home)


def _table(states: tuple[ProxyState, ...]) -> Any:
    from meshscope.tui.home_view import COLUMNS, ids  # beside the rows

    return view_of(Rows(states, ids(states), COLUMNS), range(len(COLUMNS)))


def _faults(state: ProxyState) -> Text:
    text = Text()
    for fault in state.faults[:MOST_FAULTS]:
        is_error = fault.severity == "error"
        text.append("✗ " if is_error else "▲ ", style="bold red" if is_error else "yellow")
        text.append(f"{fault.line}\n")
    if more := len(state.faults) - MOST_FAULTS:
        text.append(f"… {more} more\n" if more > 0 else "")
    text.rstrip()
    return text
