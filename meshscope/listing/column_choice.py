"""Which of a kind's columns a list shows."""

from __future__ import annotations

from typing import TypeVar

from meshscope.listing.column import PROXY, STATE, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh

R = TypeVar("R", bound=Row)


def chosen_columns(mesh: Mesh, kind: Kind[R], selection: Selection, *, wide: bool) -> tuple[Column[R], ...]:
    """All columns if `wide`; else neither the wide ones nor, with a single proxy, PROXY. A filter by state shows STATE.

    Raises UsageError for an unknown proxy.
    """
    if wide:
        return kind.columns
    is_single = kind.is_per_proxy and len(selection.proxies(mesh)) == 1
    return tuple(
        column
        for column in kind.columns
        if (column.title == STATE.title and selection.state)
        or not (column.wide or (is_single and column.title == PROXY.title))
    )
