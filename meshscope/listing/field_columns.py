"""The fields of a row as columns: all that `-o json` has of it, for those who want more than the columns of its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from meshscope.listing.column import Cell, Column
from meshscope.listing.row import NO_VALUES, Row


def field_columns(row: type[Row], columns: Sequence[Column[Any]]) -> tuple[Column[Any], ...]:
    """Columns named as the fields, in their order, without those that `columns` have a title for."""
    known = {_word(column.title) for column in columns}
    names = (name for name in row.__struct_fields__ if name not in NO_VALUES and _word(name) not in known)
    return tuple(Column(name, _cell_of(name), wide=True) for name in names)


def _word(title: str) -> str:
    return title.casefold().replace(" ", "_")


def _cell_of(name: str) -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        value = getattr(row, name)
        if value is None or (isinstance(value, (str, int)) and not isinstance(value, bool)):
            return value
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return msgspec.json.encode(value, enc_hook=str, order="deterministic").decode()

    return cell
