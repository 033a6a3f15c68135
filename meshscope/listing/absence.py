"""What to say where nothing has the name that was asked for."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from meshscope.listing.kind import Kind
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest
from meshscope.work import UNFOLLOWED, Work


def nothing_named(mesh: Mesh, kind: Kind[Any], selection: Selection, work: Work = UNFOLLOWED) -> str:
    """`no cluster 'revews' in PROXY; did you mean reviews?` Raises UsageError for an unknown proxy, CancelledError."""
    rows = kind.rows(mesh, replace(selection, name="", with_counters=False), work)
    names: set[str] = {kind.key(row) for row in rows}
    where = f" in {selection.proxy}" if selection.proxy else ""
    return f"no {kind.singular} {selection.name!r}{where}{nearest(selection.name, sorted(names))}"
