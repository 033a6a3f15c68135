"""The difference of two lists: the rows that are gone, new or changed, each with its mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

from meshscope.listing.column import Cell, Column
from meshscope.listing.difference import Change, Difference
from meshscope.render.painting import GREEN, RED, YELLOW, painted
from meshscope.render.table import table

T = TypeVar("T")

GONE, NEW, CHANGED = "- ", "+ ", "~ "
ARROW = " → "


def difference_lines(
    difference: Difference[T], columns: Sequence[Column[T]], *, cells: int | None, colour: bool
) -> Iterator[str]:
    """`- ` and a row that is gone, `+ ` and a new row, `~ ` and a changed row, its changed cells as `before → now`.

    `cells` is the terminal's width, None where nothing may be cut.
    """
    room = None if cells is None else max(1, cells - len(GONE))
    for mark, style, rows in ((GONE, RED, difference.gone), (NEW, GREEN, difference.new)):
        for line in table(rows, columns, cells=room, colour=colour, headers=False):
            yield painted(mark, style, colour=colour) + line
    changes = [_both(index, column) for index, column in enumerate(columns)]
    for line in table(difference.changed, changes, cells=room, colour=colour, headers=False):
        yield painted(CHANGED, YELLOW, colour=colour) + line


def _both(index: int, column: Column[T]) -> Column[Change[T]]:
    """A column of changes: the cell now, and where it has changed the cell before it."""

    def cell(change: Change[T]) -> Cell:
        now = column.cell(change.now)
        if index not in change.columns:
            return now
        pairs = zip_longest(_lines(column.cell(change.before)), _lines(now), fillvalue="")
        return [new if old == new else f"{old or '-'}{ARROW}{new or '-'}" for old, new in pairs]

    return Column(column.title, cell, column.rank, column.wide)


def _lines(cell: Cell) -> list[str]:
    if cell is None or isinstance(cell, (str, int)):
        return ["" if cell is None else str(cell)]
    return list(cell)
