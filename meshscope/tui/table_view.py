"""A table as it is shown: which rows in which order, which columns, how wide. Immutable; no widget in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.listing.column import Cell, Column
from meshscope.listing.row import Row
from meshscope.listing.row_id import RowId
from meshscope.listing.rows import Filter, Positions, Rows
from meshscope.render.fitting import Fit, fitted
from meshscope.render.text import safe

MEASURED_ROWS = 200
MORE_LINES = " ⋯"
"""After a cell of which only the first line is shown."""


class Order(Struct, frozen=True):
    column: int
    descending: bool = False


class TableView(Struct, frozen=True):
    """`visible` are indices of `rows.columns`. `positions` are the rows that pass the filters, in their order."""

    rows: Rows[Any]
    visible: tuple[int, ...]
    positions: Positions
    filters: tuple[Filter, ...] = ()
    order: Order | None = None

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        return tuple(self.rows.columns[index] for index in self.visible)

    def row(self, line: int) -> Row:
        row: Row = self.rows[self.positions[line]]
        return row

    def ident(self, line: int) -> RowId:
        return self.rows.ids[self.positions[line]]

    def line_of(self, ident: RowId) -> int | None:
        """Where the row of an id stands; None where it is gone or filtered out."""
        position = self.rows.position(ident)
        if position is None:
            return None
        try:
            return self.positions.index(position)
        except ValueError:
            return None

    def filtered(self, filters: Sequence[Filter]) -> TableView:
        return _arranged(replace(self, filters=tuple(filters)))

    def ordered(self, order: Order | None) -> TableView:
        return _arranged(replace(self, order=order))

    def with_columns(self, visible: Sequence[int]) -> TableView:
        return _arranged(replace(self, visible=tuple(visible)))

    def on(self, rows: Rows[Any]) -> TableView:
        """The same on newer rows of the same kind."""
        return _arranged(replace(self, rows=rows))

    def fits(self, cells: int) -> tuple[Fit, ...]:
        """The columns that have room in so many cells, measured by the first rows."""
        measured = [self._lines(line) for line in range(min(len(self), MEASURED_ROWS))]
        return fitted(measured or [[("",)] * len(self.visible)], self.columns, cells)

    def _lines(self, line: int) -> list[tuple[str, ...]]:
        row = self.row(line)
        return [(cell_text(column.cell(row)),) for column in self.columns]


def view_of(rows: Rows[Any], visible: Sequence[int]) -> TableView:
    return TableView(rows, tuple(visible), rows.matching((), tuple(visible)))


def _arranged(view: TableView) -> TableView:
    positions = view.rows.matching(view.filters, view.visible)
    if view.order:
        positions = view.rows.ordered(view.order.column, descending=view.order.descending, among=positions)
    return replace(view, positions=positions)


def cell_text(cell: Cell) -> str:
    """One line; a cell of several lines shows the first and a mark."""
    if cell is None:
        return ""
    if isinstance(cell, (str, int)):
        return safe(str(cell))
    lines = list(cell)
    return (safe(str(lines[0])) + (MORE_LINES if len(lines) > 1 else "")) if lines else ""
