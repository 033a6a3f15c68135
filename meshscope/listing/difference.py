"""What is different between two lists of the same kind, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from meshscope.listing.column import Cell, Column
from meshscope.listing.row_id import RowId
from meshscope.listing.rows import Rows
from meshscope.listing.steps import steps
from meshscope.work import UNFOLLOWED, Work

T = TypeVar("T")


class Change(Struct, Generic[T], frozen=True):
    """A row with other cells than before. `columns` are the indices of those cells in the columns compared."""

    before: T
    now: T
    columns: tuple[int, ...]


class Difference(Struct, Generic[T], frozen=True):
    """Rows that are gone, in the order before; rows that are new or changed, in the order now, and their ids."""

    gone: tuple[T, ...]
    new: tuple[T, ...]
    changed: tuple[Change[T], ...]
    new_ids: tuple[RowId, ...] = ()
    changed_ids: tuple[RowId, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.changed)


def difference(before: Rows[T], now: Rows[T], columns: Sequence[Column[T]], work: Work = UNFOLLOWED) -> Difference[T]:
    """Rows are the same by their ids; a row has changed where a cell of the columns has. Raises CancelledError."""
    new, changed, new_ids, changed_ids = [], [], [], []
    for position in steps(range(len(now)), work):
        row, ident = now[position], now.ids[position]
        old = before.position(ident)
        if old is None:
            new.append(row)
            new_ids.append(ident)
        elif cells := _changed(before[old], row, columns):
            changed.append(Change(before[old], row, cells))
            changed_ids.append(ident)
    gone = (before[position] for position, ident in enumerate(before.ids) if now.position(ident) is None)
    return Difference(tuple(gone), tuple(new), tuple(changed), tuple(new_ids), tuple(changed_ids))


def _changed(before: T, now: T, columns: Sequence[Column[T]]) -> tuple[int, ...]:
    return tuple(
        index for index, column in enumerate(columns) if _plain(column.cell(before)) != _plain(column.cell(now))
    )


def _plain(cell: Cell) -> Cell:
    return cell if isinstance(cell, (str, int)) or cell is None else tuple(cell)
