"""A table brought to a width at the least cost for its reader.

1. What all names share is left out (`abbreviating`).
2. While too much of the rest would be cut, a column is left out: an empty one first, then the one of the highest rank.
3. Cells are cut in the columns where the fewest are long, so that one long name does not widen a column, and at the
   place that keeps the most cells distinct.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from meshscope.listing.column import Column
from meshscope.render.abbreviating import MOST, abbreviated
from meshscope.render.text import LEAD, shortened, width

Lines = tuple[str, ...]
"""A cell: one line or several."""

GAP = 2
NARROWEST = 12
"""The least width of a column that says something; a terminal too narrow for the columns of rank 0 goes below it."""
MOST_LOST = 0.04
"""The share of all characters that may be cut before a column is left out."""
_LEADS = (LEAD, 0.6, 0.8, 0.2)
_COMPARED = 300


class Fit(Struct, frozen=True):
    """How a column is shown: its index, its width in cells, its level of abbreviation, the share kept before a cut."""

    index: int
    most: int
    level: int = 0
    lead: float = LEAD

    def text(self, line: str) -> str:
        return shortened(abbreviated(line, self.level), self.most, self.lead)


def natural(rows: Sequence[Sequence[Lines]], columns: Sequence[Column[Any]]) -> tuple[Fit, ...]:
    """Every column as wide as its widest cell."""
    return tuple(
        Fit(index, max(width(column.title), *map(width, _lines(rows, index)))) for index, column in enumerate(columns)
    )


def fitted(rows: Sequence[Sequence[Lines]], columns: Sequence[Column[Any]], cells: int) -> tuple[Fit, ...]:
    """The columns for a terminal of `cells`. They are too wide only if it has no room for a cell of each one that stays."""
    kept = [_Measured(index, column, _lines(rows, index)) for index, column in enumerate(columns)]
    while True:
        room = cells - GAP * (len(kept) - 1)
        _abbreviate(kept, room)
        widths = _narrowed(kept, room)
        lost = sum(column.lost(most) for column, most in zip(kept, widths, strict=True))
        is_good = sum(widths) <= room and lost <= MOST_LOST * sum(column.characters for column in kept)
        droppable = [column for column in kept if column.rank]
        if is_good or not droppable or len(kept) == 1:
            return tuple(column.fit(most) for column, most in zip(kept, widths, strict=True))
        kept.remove(max(droppable, key=lambda column: (column.is_empty, column.rank, column.index)))


def _lines(rows: Sequence[Sequence[Lines]], index: int) -> list[str]:
    return [line for row in rows for line in row[index]]


def _abbreviate(columns: list[_Measured], room: int) -> None:
    """All columns at the weakest level at which they fit, else at the strongest."""
    for level in range(MOST + 1):
        for column in columns:
            column.at_level(level)
        if sum(column.natural for column in columns) <= room:
            return


def _narrowed(columns: list[_Measured], room: int) -> list[int]:
    """Widths that fit, narrowed cell by cell where that costs least."""
    widths = [column.natural for column in columns]
    floors = [min(column.natural, max(NARROWEST, column.title)) for column in columns]
    while sum(widths) > room:
        wide = [i for i, most in enumerate(widths) if most > floors[i]]
        if wide:
            widths[min(wide, key=lambda i: columns[i].price_at(widths[i]))] -= 1
            continue
        widest = max(range(len(widths)), key=lambda i: widths[i])
        if widths[widest] == 1:
            break
        widths[widest] -= 1
    return widths


class _Measured:
    """A column with its lines and their widths at a level of abbreviation."""

    def __init__(self, index: int, column: Column[Any], lines: list[str]) -> None:
        self.index = index
        self.rank = column.rank
        self.title = width(column.title)
        self.is_empty = all(line in ("", "-") for line in lines)
        self._lines = lines
        self._by_level: dict[int, list[int]] = {}
        self.at_level(0)

    def at_level(self, level: int) -> None:
        if level not in self._by_level:
            self._by_level[level] = sorted(width(abbreviated(line, level)) for line in self._lines)
        self.level = level
        self._widths = self._by_level[level]
        self.natural = max(self.title, self._widths[-1])
        self.characters = sum(self._widths)

    def price_at(self, most: int) -> float:
        """The cost of one cell less: the share of lines of at least this width, more for short words."""
        return (1 - bisect_left(self._widths, most) / len(self._widths)) / most**2

    def lost(self, most: int) -> int:
        """The number of cells that are cut at a width."""
        return sum(cells - most for cells in self._widths[bisect_left(self._widths, most) :])

    def fit(self, most: int) -> Fit:
        fit = Fit(self.index, most, self.level)
        if most >= self._widths[-1]:
            return fit
        distinct = list(dict.fromkeys(self._lines))[:_COMPARED]
        choices = [Fit(self.index, most, self.level, lead) for lead in _LEADS]
        return max(choices, key=lambda choice: len({choice.text(line) for line in distinct}))
