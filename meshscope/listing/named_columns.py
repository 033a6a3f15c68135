"""The columns of a list by the words that a user types: titles, fields of the rows, paths into the objects behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from meshscope.errors import UsageError
from meshscope.listing.column import Column
from meshscope.listing.object_paths import ABSENT, path_column
from meshscope.listing.rows import Rows
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest
from meshscope.work import UNFOLLOWED, Work


def column_named(columns: Sequence[Column[Any]], name: str) -> int | None:
    """The index of a column by its title or its word; a field may be typed with either dash. None where there is none."""
    for same in (lambda column: column.title == name, lambda column: _plain(column.title) == _plain(name)):
        if (found := next((index for index, column in enumerate(columns) if same(column)), None)) is not None:
            return found
    return None


def _plain(title: str) -> str:
    return "-".join(title.casefold().replace("_", " ").replace("-", " ").split())


def named_columns(
    mesh: Mesh, rows: Rows[Any], names: Iterable[str], work: Work = UNFOLLOWED
) -> tuple[Column[Any], ...]:
    """The columns in the order of their names. What is no title is a path into the objects.

    Raises UsageError for a single word that neither a column nor an object has, CancelledError.
    """
    return tuple(_column(mesh, rows, name, work) for name in names)


def _column(mesh: Mesh, rows: Rows[Any], name: str, work: Work) -> Column[Any]:
    index = column_named(rows.columns, name)
    if index is not None:
        return rows.columns[index]
    column = path_column(mesh, rows.rows, name, work)
    is_path = any(part in name for part in ".[")
    if not is_path and len(rows) and all(column.cell(row) == ABSENT for row in rows):
        known = [column.word for column in rows.columns if column.word]
        raise UsageError(f"no column or field {name!r}{nearest(name.casefold(), known)}")
    return column
