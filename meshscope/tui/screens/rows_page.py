"""A page with a table: which rows it shows, arranged as the user wants them, and the line that says so."""

from __future__ import annotations

from functools import partial
from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.worker import get_current_worker

from meshscope.listing.rows import Filter, Rows
from meshscope.listing.selection import Selection
from meshscope.render.text import safe, shortened
from meshscope.tui.changes import NONE, Changes, changes
from meshscope.tui.filter_line import chip_of
from meshscope.tui.letting_go import MANY, fading
from meshscope.tui.messages import OpenObject, RowPointed
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Session
from meshscope.tui.table_view import Arrangement, TableView, arranged
from meshscope.tui.target import target_of_object
from meshscope.tui.widgets.state_line import StateLine
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.work import Work

AT_ONCE, AT_ONCE_PREPARED = 2000, 200_000
"""So many rows are filtered and ordered between two frames, and so many once they are prepared; more of them in a thread."""
LONGEST_CHIP = 40


class RowsPage(Page):
    """A page gives its rows to `show_rows`."""

    DEFAULT_CSS = """
    RowsPage #bottom { height: 1; }
    RowsPage #state { width: 1fr; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._rows: Rows[Any] | None = None
        self._prepared: tuple[Rows[Any], tuple[int, ...]] | None = None
        self._view: TableView | None = None
        self._wanted = Arrangement(())
        self._typed: tuple[Filter, ...] = ()
        self._wide = False

    def body(self) -> ComposeResult:
        yield VirtualTable(id="table")
        yield from self.below()
        with Horizontal(id="bottom"):
            yield StateLine(id="state")

    def below(self) -> ComposeResult:
        """What a page shows between its table and the line of state."""
        yield from ()

    def on_mount(self) -> None:
        self.table.focus()
        self._say_state()
        self.renew(self.session)

    # --- what a page says of itself ------------------------------------------------------------------------------------

    @property
    def table(self) -> VirtualTable:
        return self.query_one("#table", VirtualTable)

    @property
    def nouns(self) -> tuple[str, str]:
        """What its rows are: one of them, several."""
        raise NotImplementedError

    @property
    def listed(self) -> tuple[str, Selection]:
        """The kind and the selection that `get` lists as this table does."""
        raise NotImplementedError

    def proxy_in_question(self) -> str:
        """The proxy whose kinds the digits open, "" for all proxies."""
        raise NotImplementedError

    def columns_of(self, rows: Rows[Any], session: Session, *, wide: bool) -> tuple[int, ...]:
        """The columns shown until the user chooses others, as indices of the rows' columns."""
        raise NotImplementedError

    def why_empty(self) -> str:
        """Lines to show where the table has no row though nothing is filtered out."""
        return f"no {self.nouns[1]}"

    def open_object(self, name: str, *, otherwise: str) -> None:
        """Opens `VirtualService default/reviews`. `otherwise` is said where there is no name."""
        target = target_of_object(self.session.mesh, name)
        if target:
            self.post_message(OpenObject(target.kind, target.selection))
        else:
            self.notice(f"{name} is not in this input" if name else otherwise)

    # --- rows ----------------------------------------------------------------------------------------------------------

    def compared(self, rows: Rows[Any], session: Session, work: Work) -> Changes:
        """What newer rows have changed, by the columns that are shown at first. For the worker. Raises CancelledError."""
        before, was = self._rows, self.session
        is_newer = was.mesh is not session.mesh or was.readings is not session.readings
        if before is None or not is_newer or was.namespace != session.namespace:
            return NONE
        return changes(before, rows, self.columns_of(rows, session, wide=False), was.read_at, work)

    def show_newer(self, session: Session, rows: Rows[Any], found: Changes) -> None:
        """Rows of another session, with the marks of what changed."""
        self.renewed(session)
        self.note(found)
        self.show_rows(rows)

    def show_rows(self, rows: Rows[Any], *, whole: frozenset[int] = frozenset()) -> None:
        """Show rows of the same kind as before, or the first ones; what the user arranged stays."""
        self._rows = rows
        if not self._wanted.columns:
            self._wanted = Arrangement(self.columns_of(rows, self.session, wide=self._wide), whole=whole)
        self._arrange_rows(rows)

    def show_other_rows(self, rows: Rows[Any]) -> None:
        """Show rows with other columns than before; filters of all columns stay."""
        self._view = None  # its columns are not those of the new rows
        self._typed, self._wide = (), False
        kept = tuple(each for each in self._wanted.filters if each.column is None)
        self._wanted = Arrangement(self.columns_of(rows, self.session, wide=False), kept)
        self.changes = NONE
        self.show_rows(rows)

    def _arrange(self, arrangement: Arrangement) -> None:
        """Applies the arrangement; of several in a row the last one counts."""
        if arrangement == self._wanted:
            return
        self._wanted = arrangement
        if self._rows is not None:
            self._arrange_rows(self._rows)

    def _arrange_rows(self, rows: Rows[Any]) -> None:
        is_plain = not (self._wanted.filters or self._wanted.order)
        is_prepared = (rows, self._wanted.columns) == self._prepared
        if is_plain or len(rows) <= (AT_ONCE_PREPARED if is_prepared else AT_ONCE):
            self._draw(arranged(rows, self._wanted))
        else:
            work = partial(self._arrange_in_thread, rows, self._wanted)
            self.run_worker(work, thread=True, exclusive=True, group="arranging")

    def rows_are_prepared(self, rows: Rows[Any], columns: tuple[int, ...]) -> None:
        """Their indices are made for filters of these visible columns."""
        before, self._prepared = self._prepared, (rows, columns)
        if before and before[0] is not rows:
            self._fade(before[0])

    def _fade(self, rows: Rows[Any]) -> None:
        if len(rows) >= MANY:
            self.app.run_worker(fading(rows, Rows.pieces), thread=True, group="fading")

    def let_go(self) -> None:
        rows, self._rows, self._view, self._prepared = self._rows, None, None, None
        if rows is not None:
            self._fade(rows)

    def _arrange_in_thread(self, rows: Rows[Any], arrangement: Arrangement) -> None:
        worker = get_current_worker()
        view = arranged(rows, arrangement)
        if not worker.is_cancelled:
            self.call_later(self._draw, view)

    def _draw(self, view: TableView) -> None:
        if view.rows is not self._rows or view.arrangement != self._wanted:
            return  # the user went on meanwhile
        self._view = view
        filtered = f"no {self.nouns[0]} passes the filter\nbackspace releases it" if view.filters else self.why_empty()
        self.table.show(view, empty=filtered if not len(view) else "", glyphs=self.changes.glyphs)
        self._say_state()

    # --- the line of state ---------------------------------------------------------------------------------------------

    def on_row_pointed(self, _message: RowPointed) -> None:
        self._say_state()

    def forget_changes(self) -> None:
        self.table.forget_glyphs()
        self._say_state()

    def _say_state(self) -> None:
        text = Text("reading …") if self._view is None else self._state(self._view)
        self.query_one("#state", StateLine).show(text)

    def _state(self, view: TableView) -> Text:
        """`3 of 214 routes  port=9080  by PORT ▲  2 marked`."""
        whole = len(view.rows)
        count = f"{len(view):,} of {whole:,}" if view.filters else f"{whole:,}"
        text = Text(f"{count} {self.nouns[whole != 1]}")
        if self.changes:
            text.append(f"  {self.changes.text}", style="bold yellow")
        for filter_ in view.filters:
            chip = shortened(safe(chip_of(filter_, view.rows.columns)), LONGEST_CHIP)
            text.append("  ").append(f"[{chip}]", style="bold")
        if view.order:
            title = view.rows.columns[view.order.column].title
            text.append(f"  by {title.strip() or 'state'} {'▼' if view.order.descending else '▲'}")
        if marks := sum(view.rows.position(ident) is not None for ident in self.table.marks):
            text.append(f"  • {marks} marked", style="bold")
        if self.table.is_scrolled_sideways:
            text.append("  ←→ more columns")
        return text
