"""Which of a kind's columns a list shows."""

from __future__ import annotations

from typing import TypeVar

from meshscope.listing.column import PROXY, STATE, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh

R = TypeVar("R", bound=Row)


def chosen_columns(
    mesh: Mesh, kind: Kind[R], selection: Selection, *, wide: bool, titles: tuple[str, ...] = ()
) -> tuple[Column[R], ...]:
    """All columns if `wide`; else neither the wide ones nor, with a single proxy, PROXY. A filter by state shows STATE.

    `titles` are columns to show instead of those that are not wide, in their order.

    Raises UsageError for an unknown proxy.
    """
    if wide:
        return kind.columns
    is_single = kind.is_per_proxy and len(selection.proxies(mesh)) == 1
    usual = titles or tuple(column.title for column in kind.columns if not column.wide)
    left_out = PROXY.title if is_single and len(usual) > 1 else ""
    columns = sorted(
        kind.columns, key=lambda column: titles.index(column.title) if column.title in titles else len(titles)
    )
    return tuple(
        column
        for column in columns
        if (column.title == STATE.title and selection.state) or (column.title in usual and column.title != left_out)
    )
