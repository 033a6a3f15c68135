"""A table as it is shown: which rows in which order, which columns, how wide. Immutable; no widget in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.listing.column import Cell, Column
from meshscope.listing.row import Row
from meshscope.listing.row_id import RowId
from meshscope.listing.rows import Filter, Positions, Rows
from meshscope.render.abbreviating import MOST, abbreviated
from meshscope.render.fitting import GAP, Fit, fitted, natural
from meshscope.render.text import CUT, safe, shortened, width

MEASURED_ROWS = 200
MORE_LINES = " ⋯"
"""After a cell of which only the first line is shown."""
_LONGEST = 400
"""The most characters of a cell that are looked at; no terminal is wider."""
_WIDEST = 40
"""The most cells of a column in a table that is wider than the terminal."""


class Order(Struct, frozen=True):
    column: int
    descending: bool = False


class Arrangement(Struct, frozen=True):
    """What the user wants of a table. `columns` are indices of the columns of its rows, in their order on the screen.

    `whole` are columns that a narrow terminal cuts last; it leaves out others before those that the user `added`. `keeps_all`
    is true where the user wants to see all: none is left out, the table is wider than the terminal instead.
    """

    columns: tuple[int, ...]
    filters: tuple[Filter, ...] = ()
    order: Order | None = None
    whole: frozenset[int] = frozenset()
    added: frozenset[int] = frozenset()
    keeps_all: bool = False


class TableView(Struct, frozen=True):
    """`positions` are the rows that pass the filters, in their order; `sample` are some of them, to measure columns by.

    The sample does not depend on the order, so that sorting leaves the columns where they are.
    """

    rows: Rows[Any]
    arrangement: Arrangement
    positions: Positions
    sample: Positions

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def visible(self) -> tuple[int, ...]:
        return self.arrangement.columns

    @property
    def filters(self) -> tuple[Filter, ...]:
        return self.arrangement.filters

    @property
    def order(self) -> Order | None:
        return self.arrangement.order

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        return tuple(self.rows.columns[index] for index in self.visible)

    def row(self, line: int) -> Row:
        row: Row = self.rows[self.positions[line]]
        return row

    def ident(self, line: int) -> RowId:
        return self.rows.ids[self.positions[line]]

    def line_of(self, position: int | None) -> int | None:
        """The line of the row at a position of `rows`; None where it is gone or filtered out."""
        if position is None:
            return None
        try:
            return self.positions.index(position)
        except ValueError:
            return None

    def filtered(self, filters: Sequence[Filter]) -> TableView:
        return arranged(self.rows, replace(self.arrangement, filters=tuple(filters)))

    def ordered(self, order: Order | None) -> TableView:
        return arranged(self.rows, replace(self.arrangement, order=order))

    def with_columns(self, visible: Sequence[int]) -> TableView:
        return arranged(self.rows, replace(self.arrangement, columns=tuple(visible)))

    def on(self, rows: Rows[Any]) -> TableView:
        """The same on newer rows of the same kind."""
        return arranged(rows, self.arrangement)

    def fits(self, cells: int) -> tuple[Fit, ...]:
        """The columns for so many cells. Their sum is above it where the user keeps all columns of a wide table."""
        measured = self._measured()
        if self.arrangement.keeps_all:
            every = tuple(self._narrowed(fit, measured) for fit in natural(measured, self.columns))
            if sum(fit.most + GAP for fit in every) - GAP > cells:
                return every
        return self._fitted(measured, cells)

    def _narrowed(self, fit: Fit, measured: list[list[tuple[str, ...]]]) -> Fit:
        """A column that is not wider than the widest allowed, by leaving out what names share before they are cut."""
        if fit.most <= _WIDEST:
            return fit
        widest = max(width(abbreviated(line, MOST)) for row in measured for line in row[fit.index])
        return replace(fit, most=max(width(self.columns[fit.index].title), min(widest, _WIDEST)), level=MOST)

    def _fitted(self, measured: list[list[tuple[str, ...]]], cells: int) -> tuple[Fit, ...]:
        """Columns of a rank are left out before a column of `whole` is cut."""
        left = list(range(len(self.visible)))
        while True:
            columns = [self._ranked(index) for index in range(len(self.visible))]
            shown = fitted(
                [[row[index] for index in left] for row in measured], [columns[index] for index in left], cells
            )
            fits = tuple(replace(fit, index=left[fit.index]) for fit in shown)
            droppable = [fit.index for fit in fits if columns[fit.index].rank]
            if not droppable or not any(self._cuts(fit, measured) for fit in fits):
                return fits
            dropped = max(droppable, key=lambda index: (columns[index].rank, index))
            left = [fit.index for fit in fits if fit.index != dropped]

    def _ranked(self, index: int) -> Column[Any]:
        column = self.columns[index]
        return replace(column, rank=0) if self.visible[index] in self.arrangement.added else column

    def _cuts(self, fit: Fit, measured: list[list[tuple[str, ...]]]) -> bool:
        if self.visible[fit.index] not in self.arrangement.whole:
            return False
        return any(CUT in fit.text(line) for row in measured for line in row[fit.index] if CUT not in line)

    def _measured(self) -> list[list[tuple[str, ...]]]:
        columns = self.columns
        rows = [self.rows[position] for position in self.sample]
        return [[(shown(column, row),) for column in columns] for row in rows] or [[("",)] * len(columns)]


def shown(column: Column[Any], row: Row) -> str:
    """The text of a cell, with the mark of further lines."""
    line, has_more = cell_line(column.cell(row))
    return line + MORE_LINES if has_more else line


def arranged(rows: Rows[Any], arrangement: Arrangement) -> TableView:
    """Takes some milliseconds for 100,000 rows once they are prepared, else tenths of a second."""
    positions = rows.matching(arrangement.filters, arrangement.columns)
    step = max(1, -(-len(positions) // MEASURED_ROWS))
    sample = positions[::step]
    if arrangement.order:
        order = arrangement.order
        positions = rows.ordered(order.column, descending=order.descending, among=positions)
    return TableView(rows, arrangement, positions, sample)


def view_of(rows: Rows[Any], visible: Sequence[int]) -> TableView:
    """All rows in their own order."""
    return arranged(rows, Arrangement(tuple(visible)))


def with_room(fits: Sequence[Fit], cells: int) -> tuple[Fit, ...]:
    """The first columns that have room in so many cells, one at least."""
    room = cells + GAP
    for count, fit in enumerate(fits):
        room -= fit.most + GAP
        if room < 0 and count:
            return tuple(fits[:count])
    return tuple(fits)


def have_room(fits: Sequence[Fit], cells: int) -> bool:
    """Whether all columns have."""
    return len(with_room(fits, cells)) == len(fits) and (len(fits) != 1 or fits[0].most <= cells)


def cell_line(cell: Cell) -> tuple[str, bool]:
    """The first line of a cell, safe to show, and whether it has more."""
    if cell is None:
        return "", False
    if isinstance(cell, (str, int)):
        return _safe_line(str(cell)), False
    lines = list(islice(cell, 2))
    return (_safe_line(str(lines[0])), len(lines) > 1) if lines else ("", False)


def cell_text(cell: Cell) -> str:
    """All lines of a cell, safe to copy."""
    if cell is None:
        return ""
    return safe(str(cell)) if isinstance(cell, (str, int)) else "\n".join(safe(str(line)) for line in cell)


def _safe_line(text: str) -> str:
    if len(text) > _LONGEST:
        text = text[: _LONGEST // 2] + CUT + text[-_LONGEST // 2 :]
    line = safe(text)
    return shortened(line, _LONGEST) if len(line) > _LONGEST else line
