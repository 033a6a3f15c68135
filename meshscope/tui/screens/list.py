"""The table of a kind: the columns of `get`."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from meshscope.envoy.resource import ERROR
from meshscope.errors import CancelledError, UsageError
from meshscope.listing.column_choice import chosen_columns
from meshscope.listing.kind import Kind
from meshscope.listing.notes import notes
from meshscope.listing.row import RowOfProxy
from meshscope.listing.row_id import RowId
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.filter_line import chip_of, named, unnamed
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenList, OpenObject, RowChosen, TraceRow
from meshscope.tui.screens.table_page import TablePage
from meshscope.tui.session import Session
from meshscope.tui.table_view import Arrangement, TableView
from meshscope.work import Work


class ListScreen(TablePage):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("t", "trace", "trace", id="list.trace")]

    def __init__(
        self,
        session: Session,
        kind: Kind[Any],
        selection: Selection,
        *,
        titles: tuple[str, ...] = (),
        start: OpenList | None = None,
    ) -> None:
        """`titles` are the columns that the user wants of this kind, none for those of `get`. `start` says which row gets
        the cursor and which filters are there at first.
        """
        super().__init__(session)
        self._kind, self._selection, self._titles = kind, selection, titles
        self._pointed: RowId | None = start.row if start else None
        self._first_filters = start.filters if start else ()

    def title_parts(self) -> tuple[str, ...]:
        others = " ".join(f"{field} {value}" for field, value in self._selection.filters() if field != "proxy")
        return (f"{self._kind.name} {others}".strip(), self._selection.proxy, self.session.title)

    def renew(self, session: Session) -> None:
        self.run_worker(partial(self._read, session), thread=True, exclusive=True, group="rows")

    def _read(self, session: Session) -> None:
        worker = get_current_worker()
        work = Work(None, lambda: worker.is_cancelled)
        try:
            with kept_from_collector():
                selected = self._selected(session)
                rows: Rows[Any] = Rows.of(self._kind, session.mesh, selected, work, fields_too=True)
            visible = self.columns_of(rows, session, wide=False)
            self.call_later(self.show_newer, session, rows, self.compared(rows, session, work))
            with kept_from_collector():
                rows.prepare(visible, work)
            self.call_later(self.rows_are_prepared, rows, visible)
        except CancelledError:
            return
        except UsageError as error:  # its proxy is gone
            self.call_later(self.gone, str(error))

    def show_rows(self, rows: Rows[Any], *, whole: frozenset[int] = frozenset()) -> None:
        if self._first_filters and not self._wanted.columns:
            columns, filters = (
                self.columns_of(rows, self.session, wide=False),
                unnamed(self._first_filters, rows.columns),
            )
            self._wanted = Arrangement(columns, filters, whole=whole)
        super().show_rows(rows, whole=whole)

    def _selected(self, session: Session) -> Selection:
        """The selection, in the namespace of the session where it names neither a proxy nor another one."""
        chosen = self._selection
        narrows = session.namespace and not (chosen.proxy or chosen.namespace) and "namespace" in self._kind.filters
        return replace(chosen, namespace=session.namespace) if narrows else chosen

    def _draw(self, view: TableView) -> None:
        super()._draw(view)
        if self._pointed is not None and self._view is view:
            line = view.line_of(view.rows.position(self._pointed))
            self._pointed = None
            self.table.cursor = self.table.cursor if line is None else line

    def place(self) -> Place:
        kind, selection, row = self._kind.name, self._selection, self.table.pointed_id
        filters = named(self._wanted.filters, self._rows.columns) if self._rows else ()
        chips = (f"[{chip_of(each, self._rows.columns)}]" for each in self._wanted.filters) if self._rows else ()
        title = " ".join(filter(None, (kind, selection.proxy, row.name if row else "", *chips)))
        return Place(title, partial(OpenList, kind, selection, row=row, filters=filters))

    # --- what it says of itself ----------------------------------------------------------------------------------------

    @property
    def nouns(self) -> tuple[str, str]:
        return self._kind.singular, self._kind.name

    @property
    def listed(self) -> tuple[str, Selection]:
        return self._kind.name, self._selected(self.session)

    @property
    def replaces_itself(self) -> bool:
        return True

    def proxy_in_question(self) -> str:
        return self._selection.proxy

    def columns_of(self, rows: Rows[Any], session: Session, *, wide: bool) -> tuple[int, ...]:  # noqa: ARG002  # the kind's columns
        """Those of `get`, or the user's; refused resources have their error beside them."""
        selection = self._selected(session)
        chosen = chosen_columns(session.mesh, self._kind, selection, wide=wide, titles=self._titles)
        visible = [self._kind.columns.index(column) for column in chosen]
        if self._selection.state == ERROR and not wide:
            titles = [column.title for column in self._kind.columns]
            visible += [titles.index("ERROR")] if "ERROR" in titles else []
        return tuple(dict.fromkeys(visible))

    def why_empty(self) -> str:
        found = notes(self.session.mesh, self._kind, self._selected(self.session), 0)
        missing = "\n".join(found.missing)
        filters = " ".join(f"{field} {value}" for field, value in found.filters)
        return missing or f"no {self._kind.name}{f' with {filters}' if filters else ' in this input'}"

    def on_row_chosen(self, message: RowChosen) -> None:
        row = message.row
        proxy = row.proxy if isinstance(row, RowOfProxy) else self._selection.proxy
        state = row.state or "" if self._selection.state else ""
        self.post_message(OpenObject(self._kind.name, Selection(proxy=proxy, name=self._kind.key(row), state=state)))

    def action_trace(self) -> None:
        if row := self.table.pointed:
            self.post_message(TraceRow(self._kind.name, row))
