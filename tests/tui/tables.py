"""Small tables of plain cells for tests of the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meshscope.listing.column import Cell, Column
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows

Cells = tuple[Cell, ...]


def rows_of(cells: Sequence[Cells], *titles: str, ranks: dict[str, int] | None = None) -> Rows[Any]:
    """The first cell names a row."""
    names = [str(row[0]) for row in cells]
    return Rows(cells, row_ids(("", "cells", name) for name in names), [
        Column(title, _cell(index), (ranks or {}).get(title, 0)) for index, title in enumerate(titles)
    ])  # fmt: skip


def _cell(index: int) -> Any:
    return lambda row: row[index]
