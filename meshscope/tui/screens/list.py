"""The table of a kind: the columns of `get`, a filter line, sorting, marks."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.listing.column_choice import chosen_columns
from meshscope.listing.kind import Kind
from meshscope.listing.notes import notes
from meshscope.listing.row import RowOfProxy
from meshscope.listing.rows import Filter, Rows
from meshscope.listing.selection import Selection
from meshscope.render.text import safe
from meshscope.tui.messages import OpenObject, RowChosen
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Session
from meshscope.tui.table_view import Order, TableView, view_of
from meshscope.tui.widgets.title_bar import TitleBar
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.work import Work


class ListScreen(Page):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/", id="list.filter"),
        Binding("s", "sort", "sort", id="list.sort"),
        Binding("w", "wide", "wide", id="list.wide"),
        Binding("equals_sign", "keep", "keep value", key_display="=", show=False, id="list.keep"),
        Binding("exclamation_mark", "hide", "hide value", key_display="!", show=False, id="list.hide"),
        Binding("backspace", "release", "release filter", show=False, id="list.release"),
    ]
    DEFAULT_CSS = """
    ListScreen #filter { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    ListScreen #filter.open { display: block; }
    ListScreen #state { height: 1; padding: 0 1; color: $text-muted; }
    ListScreen #empty { display: none; height: 1fr; content-align: center middle; text-align: center; color: $text-muted; }
    ListScreen #empty.open { display: block; }
    """

    def __init__(self, session: Session, kind: Kind[Any], selection: Selection) -> None:
        super().__init__(session)
        self._kind, self._selection = kind, selection
        self._wide = False
        self._typed = ""
        self._view: TableView | None = None

    def title_parts(self) -> tuple[str, ...]:
        filters = " ".join(f"{field} {value}" for field, value in self._selection.filters())
        return (self.session.title, f"{self._kind.name} {filters}".strip())

    def body(self) -> ComposeResult:
        yield VirtualTable(id="table")
        yield Static(id="empty", markup=False)
        with Horizontal(id="state"):
            yield Static("reading …", id="count", markup=False)
        yield Input(placeholder="text of any column", id="filter", compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        self.query_one("#table", VirtualTable).focus()
        self.run_worker(self._read, thread=True, exclusive=True, group="rows")

    # --- reading -------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        worker = get_current_worker()
        work = Work(None, lambda: worker.is_cancelled)
        mesh = self.session.mesh
        try:
            rows: Rows[Any] = Rows.of(self._kind, mesh, self._selection, work)
            visible = self._visible()
            view = view_of(rows, visible)
            self.app.call_from_thread(self._shown, view)
            rows.prepare(visible, work)
        except CancelledError:
            return

    def _visible(self) -> tuple[int, ...]:
        columns = chosen_columns(self.session.mesh, self._kind, self._selection, wide=self._wide)
        return tuple(self._kind.columns.index(column) for column in columns)

    def _shown(self, view: TableView) -> None:
        self._view = view
        self.query_one("#table", VirtualTable).show(view)
        self._tell_state()

    def _tell_state(self) -> None:
        view = self._view
        if view is None:
            return
        whole = len(view.rows)
        chips = "  ".join(_chip(view, one) for one in view.filters)
        count = f"{len(view):,} of {whole:,}" if view.filters else f"{whole:,}"
        self.query_one("#count", Static).update(f"{count} {self._kind.name}{'   ' + safe(chips) if chips else ''}")
        empty = self.query_one("#empty", Static)
        empty.set_class(not len(view), "open")
        self.query_one("#table", VirtualTable).display = bool(len(view))
        if not len(view):
            empty.update(self._why_empty(filtered=bool(view.filters)))
        self.query_one("#title", TitleBar).show(*self.title_parts())

    def _why_empty(self, *, filtered: bool) -> str:
        if filtered:
            return f"no {self._kind.name} pass the filter\nbackspace releases the last one"
        found = notes(self.session.mesh, self._kind, self._selection, 0)
        return "\n".join(found.missing) or f"no {self._kind.name} in this input"

    # --- keys ----------------------------------------------------------------------------------------------------------

    def on_row_chosen(self, message: RowChosen) -> None:
        row = message.row
        proxy = row.proxy if isinstance(row, RowOfProxy) else self._selection.proxy
        self.post_message(OpenObject(self._kind.name, Selection(proxy=proxy, name=self._kind.key(row))))

    def action_wide(self) -> None:
        self._wide = not self._wide
        if self._view:
            self._arrange(self._view.with_columns(self._visible()))

    def action_sort(self) -> None:
        """By the column under the cell cursor: up, down, then Envoy's own order."""
        index = self.query_one("#table", VirtualTable).pointed_column
        if self._view is None or index is None:
            return
        column, order = self._view.visible[index], self._view.order
        if order is None or order.column != column:
            self._arrange(self._view.ordered(Order(column)))
        else:
            self._arrange(self._view.ordered(None if order.descending else Order(column, descending=True)))

    def action_filter(self) -> None:
        box = self.query_one("#filter", Input)
        box.value = self._typed
        box.add_class("open")
        box.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "filter":
            self._typed = event.value
            self._refilter()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "filter":
            event.stop()
            self._close_filter()
        else:
            super().on_input_submitted(event)

    def action_back(self) -> None:
        if self.query_one("#filter", Input).has_focus:
            self._typed = ""
            self._refilter()
            self._close_filter()
        else:
            super().action_back()

    def _close_filter(self) -> None:
        self.query_one("#filter", Input).remove_class("open")
        self.query_one("#table", VirtualTable).focus()

    def _refilter(self) -> None:
        if self._view is None:
            return
        fixed = [one for one in self._view.filters if one.column is not None]
        inverse = self._typed.startswith("!")
        text = self._typed.removeprefix("!").strip()
        typed = [Filter(text, is_inverse=inverse)] if text else []
        self._arrange(self._view.filtered([*fixed, *typed]))

    def action_keep(self) -> None:
        self._filter_by_cell(is_inverse=False)

    def action_hide(self) -> None:
        self._filter_by_cell(is_inverse=True)

    def _filter_by_cell(self, *, is_inverse: bool) -> None:
        table = self.query_one("#table", VirtualTable)
        index, row = table.pointed_column, table.pointed
        if self._view is None or index is None or row is None:
            return
        cell = self._view.columns[index].cell(row)
        text = str(cell if isinstance(cell, (str, int)) else next(iter(cell or ("",))))
        one = Filter(text, self._view.visible[index], is_whole=True, is_inverse=is_inverse)
        self._arrange(self._view.filtered([*self._view.filters, one]))

    def action_release(self) -> None:
        if self._view and self._view.filters:
            if self._view.filters[-1].column is None:
                self._typed = ""
            self._arrange(self._view.filtered(self._view.filters[:-1]))

    def _arrange(self, view: TableView) -> None:
        self._view = view
        self.query_one("#table", VirtualTable).show(view)
        self._tell_state()


def _chip(view: TableView, one: Filter) -> str:
    column = view.rows.columns[one.column].title.lower() if one.column is not None else ""
    sign = ("!=" if one.is_inverse else "=") if column else ("without " if one.is_inverse else "")
    return f"[{column}{sign}{one.text}]"
