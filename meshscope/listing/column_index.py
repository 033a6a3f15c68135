"""An index of one column of a list: the texts to search, and the order to sort by."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from typing import Any

from meshscope.listing.column import Cell
from meshscope.listing.fuzzy_index import FuzzyIndex
from meshscope.listing.natural_order import natural_key

_EMPTY = frozenset({None, "", "-", "?", ()})
"""Cells that say nothing: absent, not applicable, unknown."""

_PlainCell = str | int | tuple[str, ...] | None
_SortKey = int | str | None
"""None for an empty cell; a text is in its natural order."""


class ColumnIndex:
    """Made once from the cells of a column. Equal cells share their text and their sort key."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._cells: list[_PlainCell] = [
            cell if cell is None or isinstance(cell, (str, int)) else tuple(cell) for cell in cells
        ]

    def pieces(self) -> list[list[Any]]:
        """What it holds of each cell."""
        return [list(self._cells), list(self.texts) if "texts" in vars(self) else []]

    def prepare(self) -> None:
        """Makes all that is asked for later."""
        _ = self._orders, self.fuzzy

    @cached_property
    def texts(self) -> list[str]:
        """Each cell as `\\nLINE\\nLINE\\n…`, case folded."""
        known: dict[_PlainCell, str] = {}
        texts = []
        for cell in self._cells:
            text = known.get(cell)
            if text is None:
                text = known[cell] = f"\n{_text(cell)}\n".casefold()
            texts.append(text)
        return texts

    @cached_property
    def fuzzy(self) -> FuzzyIndex:
        """Which cells have some characters in their order."""
        return FuzzyIndex(self.texts)

    def order(self, *, descending: bool = False) -> array[int]:
        """The positions by their cells: numbers, then texts, then empty cells; equal cells in the order of positions.

        Descending reverses numbers and texts; empty cells stay last.
        """
        ascending, reverse = self._orders
        return reverse if descending else ascending

    @cached_property
    def _orders(self) -> tuple[array[int], array[int]]:
        groups, empty = self._groups()
        return array("I", chain(*groups, empty)), array("I", chain(*reversed(groups), empty))

    def _groups(self) -> tuple[list[list[int]], list[int]]:
        """Positions of equal cells, numbers by size and then texts in natural order; and the positions of empty cells."""
        by_key: dict[_SortKey, list[int]] = {}
        by_cell: dict[_PlainCell, list[int]] = {}
        for position, cell in enumerate(self._cells):
            group = by_cell.get(cell)
            if group is None:
                group = by_cell[cell] = by_key.setdefault(_sort_key(cell), [])
            group.append(position)
        empty = by_key.pop(None, [])
        numbers = [by_key[key] for key in sorted(key for key in by_key if isinstance(key, int))]
        texts = [by_key[key] for key in sorted(key for key in by_key if isinstance(key, str))]
        return numbers + texts, empty


def _text(cell: _PlainCell) -> str:
    if isinstance(cell, tuple):
        return "\n".join(cell)
    return "" if cell is None else str(cell)


def _sort_key(cell: _PlainCell) -> _SortKey:
    if cell in _EMPTY:
        return None
    return cell if isinstance(cell, int) else natural_key(_text(cell))
