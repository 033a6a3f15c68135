"""The mesh at a glance: its proxies with what is wrong with them, faults first."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.listing.faults import Fault
from meshscope.listing.glyphs import ERROR, WARNING, WELL
from meshscope.listing.home import (
    PROXY_NAME,
    STATE,
    FaultRow,
    HomeView,
    ProxyState,
    control_plane_line,
    counts,
    fault_table,
    home_view,
    proxy_table,
)
from meshscope.listing.row import Row
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.render.text import safe, shortened
from meshscope.tui.changes import NONE, Changes
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.commands import ShowHome
from meshscope.tui.kind_keys import LEGEND
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenList, OpenScope, RowChosen, RowPointed, RunCommand, TraceRow
from meshscope.tui.screens.table_page import TablePage
from meshscope.tui.session import Session
from meshscope.tui.source_state import silent_others, silent_proxies
from meshscope.tui.widgets.title_bar import TitleBar
from meshscope.work import Work

MOST_FAULTS = 3
_LONGEST = 1000
_OPENS = " · o opens it"


class HomeScreen(TablePage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("F", "faults", "faults only", id="home.faults"),
        Binding("t", "trace", "trace", id="home.trace"),
        Binding("v", "scope", "scope", id="home.scope"),
        Binding("o", "owner", "owner", show=False, id="home.owner"),
        Binding("equals_sign", "keep", "keep", key_display="=", show=False, id="table.keep"),
        Binding("exclamation_mark", "hide", "hide", key_display="!", show=False, id="table.hide"),
        Binding("w", "wide", "wide", show=False, id="table.wide"),
    ]
    DEFAULT_CSS = """
    HomeScreen #overview { height: auto; max-height: 5; padding: 0 1; color: $text-muted; }
    HomeScreen #faults { height: auto; max-height: 9; padding: 0 1; border-top: solid $surface; }
    HomeScreen #legend { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, session: Session, home: HomeView, *, titles: tuple[str, ...] = ()) -> None:
        """`home` is shown until its faults are known. `titles` are the columns that the user wants of it."""
        super().__init__(session)
        self._titles = titles
        self._home = home
        self._faults = Text()
        self._only_faults = False

    def body(self) -> ComposeResult:
        yield Static(id="overview", markup=False)
        yield from super().body()

    def below(self) -> ComposeResult:
        yield Static(id="faults", markup=False)
        yield Static(LEGEND, id="legend", markup=False)

    def title_parts(self) -> tuple[str, ...]:
        captured = f"captured {self.session.captured_at}" if self.session.captured_at else "captured at an unknown time"
        return (self.session.title, captured)

    def place(self) -> Place:
        return Place("home", partial(RunCommand, ShowHome()))

    def on_mount(self) -> None:
        self._show_home(self._home)
        self.show_rows(self._table_of(self._home), whole=frozenset({PROXY_NAME}))

    def renew(self, session: Session) -> None:
        self.call_after_refresh(self._look_for_faults, session)  # the first frame is not kept waiting

    def _look_for_faults(self, session: Session) -> None:
        self.run_worker(partial(self._read, session), thread=True, exclusive=True, group="home")

    def _read(self, session: Session) -> None:
        worker = get_current_worker()
        work = Work(None, lambda: worker.is_cancelled)
        try:
            with kept_from_collector():
                session.mesh.index(work)  # the manifests too
                home = home_view(
                    session.mesh,
                    session.at,
                    work,
                    namespace=session.namespace,
                    silent=silent_proxies(session.mesh, session.readings),
                    others=silent_others(session.readings),
                )
                rows, only_faults = self._table_of(home), self._only_faults
                found = self.compared(rows, session, work) if self._home.is_complete else NONE
        except CancelledError:
            return
        self.call_later(self._show_newer_home, session, home, found if only_faults == self._only_faults else NONE)

    def _show_newer_home(self, session: Session, home: HomeView, found: Changes) -> None:
        self._show_home(home)
        self.show_newer(session, self._table_of(home), found)

    def _show_home(self, home: HomeView) -> None:
        self._home = home
        self.query_one("#overview", Static).update(_overview(home))
        self.query_one("#title", TitleBar).show(*self.title_parts(), errors=home.errors, warnings=home.warnings)

    def _table_of(self, home: HomeView) -> Rows[Any]:
        return fault_table(home.faults) if self._only_faults else proxy_table(home.states)

    def action_trace(self) -> None:
        row = self.table.pointed
        if isinstance(row, ProxyState):
            self.post_message(TraceRow("proxies", row.sync))
        elif isinstance(row, FaultRow):
            self.post_message(TraceRow("proxies", Selection(proxy=row.proxy, name=row.proxy)))

    def action_scope(self) -> None:
        if proxy := self.proxy_in_question():
            self.post_message(OpenScope(proxy))

    def action_owner(self) -> None:
        """The object behind the first fault that has one."""
        owner = next((fault.owner for fault in self._faults_in_question() if fault.owner), "")
        self.open_object(owner, otherwise="no fault of this proxy names an owner")

    def _faults_in_question(self) -> tuple[Fault, ...]:
        row = self.table.pointed
        rows = row.faults if isinstance(row, ProxyState) else (row,) if isinstance(row, FaultRow) else ()
        return tuple(each.fault for each in rows)

    def action_faults(self) -> None:
        """A table of the faults instead of the proxies, and back."""
        self._only_faults = not self._only_faults
        self.show_other_rows(self._table_of(self._home))

    # --- what it says of itself ----------------------------------------------------------------------------------------

    @property
    def nouns(self) -> tuple[str, str]:
        return ("fault", "faults") if self._only_faults else ("proxy", "proxies")

    @property
    def listed(self) -> tuple[str, Selection]:
        return "proxies", Selection(namespace=self.session.namespace)

    def columns_of(self, rows: Rows[Any], session: Session, *, wide: bool) -> tuple[int, ...]:  # noqa: ARG002  # the same for all
        titles = [column.title for column in rows.columns]
        if self._titles and not wide and not self._only_faults:
            return (STATE, *(titles.index(title) for title in self._titles))
        return tuple(index for index, column in enumerate(rows.columns) if wide or not column.wide)

    def why_empty(self) -> str:
        if not self._only_faults:
            where = f"namespace {self.session.namespace}" if self.session.namespace else "this input"
            return f"no proxy in {where}\n: and a kind lists what it has, as :virtualservices"
        if not self._home.is_complete:
            return "looking for faults …"
        return f"{WELL} no fault was found in the configuration of any proxy\nF shows the proxies"

    def proxy_in_question(self) -> str:
        row = self.table.pointed
        return row.proxy if isinstance(row, (ProxyState, FaultRow)) else ""

    # --- the proxy under the cursor ------------------------------------------------------------------------------------

    def on_row_pointed(self, message: RowPointed) -> None:
        text = self._faults_of(message.row)
        if text != self._faults:
            self._faults = text
            self.query_one("#faults", Static).update(text)  # lays the screen out anew

    def _faults_of(self, row: Row | None) -> Text:
        if not self._home.is_complete:
            return Text("looking for faults …", style="dim")
        if isinstance(row, FaultRow):
            return whole_fault(row)
        if not isinstance(row, ProxyState):
            return Text()
        if not row.faults:
            return Text(f"{WELL} no fault was found in its configuration")
        return fault_lines(row.faults, max(20, self.size.width - 2))

    def on_row_chosen(self, message: RowChosen) -> None:
        """The list with the resource of the first fault, else the listeners."""
        row = message.row
        if isinstance(row, ProxyState) and row.faults:
            row = row.faults[0]
        if isinstance(row, FaultRow):
            fault = row.fault
            kind = fault.kind or "listeners"
            state = fault.state if fault.name else ""
            self.post_message(OpenList(kind, Selection(proxy=row.proxy, name=fault.name, state=state)))
        elif isinstance(row, ProxyState):
            self.post_message(OpenList("listeners", Selection(proxy=row.proxy)))


def fault_lines(found: tuple[FaultRow, ...], cells: int) -> Text:
    """Each fault in one line, or in two where it has an owner or a place."""
    text = Text(no_wrap=True, overflow="ellipsis")
    opened = next((row for row in found if row.fault.owner), None)
    for row in found[:MOST_FAULTS]:
        text.append(f"{row.mark} ", style="bold red" if row.mark == ERROR else "yellow")
        text.append(f"{shortened(safe(row.fault.text), cells - 2, 0.7)}\n")
        if behind := " · ".join(filter(None, (row.fault.owner, row.place))):
            key = _OPENS if row is opened else ""
            text.append(f"  {shortened(safe(behind), cells - 2 - len(key))}{key}\n", style="dim")
    if (more := len(found) - MOST_FAULTS) > 0:
        text.append(f"… {more} more; F lists all\n", style="dim")
    text.rstrip()
    return text


def whole_fault(row: FaultRow) -> Text:
    """A fault in as many lines as it takes."""
    text = Text(f"{row.mark} ", style="bold red" if row.mark == ERROR else "yellow")
    text.append(safe(row.fault.text[:_LONGEST]), style="not bold default")
    if behind := " · ".join(filter(None, (row.fault.owner, row.place))):
        key = _OPENS if row.fault.owner else ""
        text.append(f"\n{safe(behind[:_LONGEST])}{key}", style="not bold default dim")
    return text


def _overview(home: HomeView) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(" · ".join(filter(None, (counts(home), safe(control_plane_line(home))))))
    for sentence in home.missing:
        text.append(f"\n{WARNING} ", style="yellow").append(safe(sentence))
    return text
