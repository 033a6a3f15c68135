"""The columns of a table, as the user adds and removes them."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType

from meshscope.listing.rows import Rows
from meshscope.tui.screens.rows_page import RowsPage
from meshscope.tui.widgets.column_chooser import ColumnChooser


class ColumnsPage(RowsPage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "add_column", "add a column", key_display="+", show=False, id="table.add_column"),
        Binding("minus", "remove_column", "remove the column", key_display="-", show=False, id="table.remove_column"),
    ]

    def show_other_rows(self, rows: Rows[Any]) -> None:
        self.close_columns()
        super().show_other_rows(rows)

    async def action_add_column(self) -> None:
        """Opens a list of the columns that are not shown."""
        if not self.query("#chooser"):
            await self.query_one("#body").mount(ColumnChooser(), before="#bottom")
        self.query_one(ColumnChooser).open(self.hidden())

    def hidden(self) -> tuple[str, ...]:
        """The columns that are not shown, or have no room, by their titles."""
        columns, shown = enumerate(self._view.rows.columns) if self._view is not None else (), self.table.shown_columns
        return tuple(column.title for index, column in columns if index not in shown)

    def on_column_chooser_chosen(self, message: ColumnChooser.Chosen) -> None:
        self.close_columns()
        if self._rows is not None:
            self.choose_column(self._rows, message.name)

    def choose_column(self, rows: Rows[Any], name: str) -> None:
        """Shows what the user chose of the list."""
        self.add_column([column.title for column in rows.columns].index(name))

    def add_column(self, column: int) -> None:
        """It is placed after the one under the cell cursor; marks of state stay beside the name."""
        if column in self.table.shown_columns:
            return  # there is room for it since the list was made
        pointed, others = self.table.pointed_column, [each for each in self._wanted.columns if each != column]
        at = len(others) if pointed is None else others.index(self._wanted.columns[pointed]) + 1
        at += bool(self._rows and not self._rows.columns[others[at - 1]].title.strip())
        added = self._wanted.added | {column}
        self._arrange(replace(self._wanted, columns=(*others[:at], column, *others[at:]), added=added))

    def close_columns(self) -> None:
        self.query("#chooser").remove_class("open")
        self.set_focus(self.table)

    def action_remove_column(self) -> None:
        index, columns = self.table.pointed_column, self._wanted.columns
        if self._view is not None and index is not None and len(columns) > 1:
            self._arrange(replace(self._wanted, columns=(*columns[:index], *columns[index + 1 :])))
