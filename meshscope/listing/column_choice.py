"""Which of a kind's columns a list shows."""

from __future__ import annotations

from typing import TypeVar

from meshscope.envoy.resource import ERROR
from meshscope.listing.column import PROXY, STATE, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import ALL_STATES, Selection
from meshscope.mesh.mesh import Mesh

R = TypeVar("R", bound=Row)


def chosen_columns(
    mesh: Mesh, kind: Kind[R], selection: Selection, *, wide: bool, titles: tuple[str, ...] = ()
) -> tuple[Column[R], ...]:
    """All columns if `wide`; else neither the wide ones nor, with a single proxy, PROXY. A filter by state shows STATE,
    and one that lets refused ones through ERROR.

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
    forced = {STATE.title} if selection.state else set()
    if selection.state in (ERROR, ALL_STATES):
        forced.add("ERROR")
    return tuple(
        column for column in columns if column.title in forced or (column.title in usual and column.title != left_out)
    )
