"""The table of a kind: the columns of `get`."""

from __future__ import annotations

from contextlib import suppress
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
from meshscope.listing.object_paths import offered_paths, with_paths
from meshscope.listing.row import RowOfProxy
from meshscope.listing.row_id import RowId
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.tui.changes import Changes
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.effect.offered import has_effect, name_of_row
from meshscope.tui.filter_line import chip_of, named, unnamed
from meshscope.tui.marks import Place
from meshscope.tui.messages import NO_START, ListStart, OpenEffect, OpenList, OpenObject, RowChosen, TraceRow
from meshscope.tui.screens.table_page import TablePage
from meshscope.tui.session import Session
from meshscope.tui.table_view import Arrangement, TableView
from meshscope.tui.widgets.column_chooser import ColumnChooser
from meshscope.work import Work


class ListScreen(TablePage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "trace", "trace", id="list.trace"),
        Binding("o", "owner", "owner", id="list.owner"),
        Binding("i", "effect", "in effect?", id="list.effect"),
        Binding("d", "describe", "describe", show=False, id="list.describe"),
    ]

    def __init__(
        self,
        session: Session,
        kind: Kind[Any],
        selection: Selection,
        *,
        titles: tuple[str, ...] = (),
        start: ListStart = NO_START,
    ) -> None:
        """`titles` are the columns that the user wants of this kind, none for those of `get`. `start` says which row gets
        the cursor, which filters and columns are there at first.
        """
        super().__init__(session)
        self._kind, self._selection, self._titles = kind, selection, titles
        self._pointed: RowId | None = start.row
        self._start, self._paths = start, start.paths

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
                rows = with_paths(session.mesh, rows, paths := self._paths, work)
            visible = self.columns_of(rows, session, wide=False)
            self.call_later(self._show_read, session, rows, paths, self.compared(rows, session, work))
            with kept_from_collector():
                rows.prepare(visible, work)
            self.call_later(self.rows_are_prepared, rows, visible)
        except CancelledError:
            return
        except UsageError as error:  # its proxy is gone
            self.call_later(self.gone, str(error))

    def _show_read(self, session: Session, rows: Rows[Any], paths: tuple[str, ...], found: Changes) -> None:
        if paths == self._paths:
            self.show_newer(session, rows, found)
        else:  # the user added one meanwhile
            self.renew(session)

    # --- paths as columns ------------------------------------------------------------------------------------------------

    async def action_add_column(self) -> None:
        await super().action_add_column()
        if self._rows is not None:
            work = partial(self._offer_paths, self.session, self._rows)
            self.run_worker(work, thread=True, exclusive=True, group="paths")

    def _offer_paths(self, session: Session, rows: Rows[Any]) -> None:
        worker = get_current_worker()
        with suppress(CancelledError):
            found = offered_paths(session.mesh, rows.rows, Work(None, lambda: worker.is_cancelled))
            self.call_later(self._offer, found)

    def _offer(self, paths: tuple[str, ...]) -> None:
        known = [column.word for column in self._rows.columns] if self._rows else []
        if self.has_focus_on("columns"):
            self.query_one(ColumnChooser).offer(
                (*self.hidden(), *(path for path in paths if path.casefold() not in known))
            )

    def choose_column(self, rows: Rows[Any], name: str) -> None:
        if name in [column.title for column in rows.columns]:
            super().choose_column(rows, name)
        else:
            self._read_path(name)

    def _read_path(self, path: str) -> None:
        if self._rows is not None:
            work = partial(self._add_path, self.session, self._rows, path)
            self.run_worker(work, thread=True, exclusive=True, group="path")

    def _add_path(self, session: Session, rows: Rows[Any], path: str) -> None:
        worker = get_current_worker()
        with suppress(CancelledError), kept_from_collector():
            more = with_paths(session.mesh, rows, (path,), Work(None, lambda: worker.is_cancelled))
            more.ordered(len(rows.columns))  # its index is made here
            self.call_later(self._path_added, rows, more, path)

    def _path_added(self, before: Rows[Any], rows: Rows[Any], path: str) -> None:
        if before is not self._rows:  # newer ones came meanwhile
            self._read_path(path)
            return
        self._paths = (*self._paths, path)
        self._prepared = self._prepared and (rows, self._prepared[1])
        self._rows = rows
        self.add_column(len(rows.columns) - 1)

    # --- rows ------------------------------------------------------------------------------------------------------------

    def show_rows(self, rows: Rows[Any], *, whole: frozenset[int] = frozenset()) -> None:
        if (self._start.filters or self._start.columns) and not self._wanted.columns:
            titles = [column.title for column in rows.columns]
            chosen, added = (
                tuple(titles.index(title) for title in some if title in titles)
                for some in (self._start.columns, self._start.added)
            )
            columns = chosen or self.columns_of(rows, self.session, wide=False)
            filters = unnamed(self._start.filters, rows.columns)
            self._wanted = Arrangement(columns, filters, whole=whole, added=frozenset(added))
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
        start, chips = ListStart(row), list[str]()
        if rows := self._rows:
            filters = named(self._wanted.filters, rows.columns)
            chips = [f"[{chip_of(each, rows.columns)}]" for each in self._wanted.filters]
            columns, added = (
                tuple(rows.columns[each].title for each in some) for some in (self._chosen(rows), self._wanted.added)
            )
            start = ListStart(row, filters, columns, added, self._paths)
        title = " ".join(filter(None, (kind, selection.proxy, row.name if row else "", *chips)))
        return Place(title, partial(OpenList, kind, selection, start=start))

    def _chosen(self, rows: Rows[Any]) -> tuple[int, ...]:
        """The columns where the user added or removed some, () for the usual ones."""
        usual = self.columns_of(rows, self.session, wide=self._wide)
        return () if self._wanted.columns == usual else self._wanted.columns

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

    def action_describe(self) -> None:
        """What `enter` does, by the key of other browsers."""
        self.table.action_choose()

    def action_owner(self) -> None:
        """The Istio object that the row was made from."""
        row = self.table.pointed
        self.open_object((row.owner if row else None) or "", otherwise=f"this {self._kind.singular} names no owner")

    def action_effect(self) -> None:
        if name := name_of_row(self.table.pointed):
            self.post_message(OpenEffect(name))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        is_offered = {"effect": has_effect(self._kind), "owner": self._kind.is_per_proxy}.get(action, True)
        return is_offered and super().check_action(action, parameters)

    def action_trace(self) -> None:
        if row := self.table.pointed:
            self.post_message(TraceRow(self._kind.name, row))
