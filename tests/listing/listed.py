"""Rows of cells, ready for tests of lists: plain tuples under columns A, B and C; and a mesh that has rows of a kind."""

from __future__ import annotations

from hypothesis import strategies as st

from meshscope.listing.column import Cell, Column
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows
from meshscope.mesh.mesh import Mesh

from ..mesh.ambient_meshes import ztunnel
from ..mesh.meshes import WEBSITE, captured, mesh_of, recorded

Cells = tuple[Cell, ...]

WIDTH = 3
WORDS = st.one_of(st.sampled_from(["", "-", "?", "v1", "V2", "v10", "10.0.0.9", "10.0.0.10", "ß"]), st.text(max_size=4))
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.integers(-3, 99), WORDS, st.lists(WORDS, max_size=2).map(tuple)
)
TABLES = st.lists(st.tuples(*[CELLS] * WIDTH), max_size=25)


def _column(index: int) -> Column[Cells]:
    return Column("ABC"[index], lambda row: row[index])


COLUMNS = tuple(_column(index) for index in range(WIDTH))


def listed(rows: list[Cells]) -> Rows[Cells]:
    """The first cell names a row."""
    return Rows(rows, row_ids(("", "cells", str(row[0])) for row in rows), COLUMNS)


def mesh_with(kind: str) -> Mesh:
    """A recorded mesh; for what ztunnels alone know, a ztunnel's dump."""
    of_ztunnels = kind in ("workloads", "policies")
    return mesh_of(captured("ztunnel.json", ztunnel())) if of_ztunnels else recorded(WEBSITE)
