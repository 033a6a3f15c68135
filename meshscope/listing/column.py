"""Columns of a table: a title, and the cell that a row has under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from meshscope.listing.row import Row, RowOfProxy

R_contra = TypeVar("R_contra", contravariant=True)

Cell = str | int | None | Sequence[str]
"""A sequence is shown as lines under one another."""


class Column(Struct, Generic[R_contra], frozen=True):
    """A column of the table of a kind of row.

    `rank` 0 is always shown; a narrow terminal leaves out the highest ranks first. `wide` columns need `-o wide`.
    """

    title: str
    cell: Callable[[R_contra], Cell]
    rank: int = 0
    wide: bool = False

    @property
    def word(self) -> str:
        """The title as it is typed: `service-fqdn`."""
        return "-".join(self.title.casefold().split())


PROXY: Column[RowOfProxy] = Column("PROXY", lambda row: row.proxy)
STATE: Column[Row] = Column("STATE", lambda row: row.state, wide=True)
"""Columns that many kinds share."""


def counter(title: str, count: Callable[[R_contra], int | None]) -> Column[R_contra]:
    """A wide column for a counter of the live proxy; `-` where it was not captured."""

    def cell(row: R_contra) -> Cell:
        number = count(row)
        return "-" if number is None else number

    return Column(title, cell, wide=True)
