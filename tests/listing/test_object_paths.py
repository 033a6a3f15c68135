from __future__ import annotations

from typing import Any

import pytest

from meshscope.listing.describe import describe
from meshscope.listing.object_paths import ABSENT, ObjectsBehind, offered_paths, path_column, with_paths
from meshscope.listing.registry import kind_named
from meshscope.listing.rows import Filter, Rows
from meshscope.listing.selection import EVERYTHING, Selection
from meshscope.mesh.mesh import Mesh

from ..mesh.meshes import captured, manifest, mesh_of, recorded

BOOKINFO = recorded("bookinfo")


def rows_of(word: str, mesh: Mesh = BOOKINFO, proxy: str = "") -> Rows[Any]:
    return Rows.of(kind_named(word, mesh), mesh, Selection(proxy=proxy))


def cells(rows: Rows[Any], path: str, mesh: Mesh = BOOKINFO) -> list[Any]:
    column = path_column(mesh, rows.rows, path)
    return [column.cell(row) for row in rows]


@pytest.mark.parametrize("word", ["clusters", "listeners", "virtualservices"])
def test_the_object_behind_a_row_is_the_one_that_describe_shows(word: str) -> None:
    kind = kind_named(word, BOOKINFO)
    behind = ObjectsBehind(BOOKINFO)
    for row in list(kind.rows(BOOKINFO, EVERYTHING))[:40]:
        thing = describe(BOOKINFO, kind, Selection(proxy=getattr(row, "proxy", ""), name=kind.key(row)))
        assert thing is not None
        assert behind.object_of(row) == thing.object


def test_a_route_has_its_own_part_of_the_table_behind_it() -> None:
    behind, seen = ObjectsBehind(BOOKINFO), 0
    for row in rows_of("routes"):
        if row.index is not None and row.name:
            assert behind.object_of(row)["name"] == row.name
            seen += 1
    assert seen > 20


def test_every_path_that_is_offered_is_a_column_with_a_value_somewhere() -> None:
    for word in ("virtualservices", "clusters", "routes"):
        rows = rows_of(word)
        paths = offered_paths(BOOKINFO, rows.rows)
        assert paths
        assert len(set(paths)) == len(paths)
        for path in paths[:60]:
            assert any(cell != ABSENT for cell in cells(rows, path)), path


def test_paths_lead_into_lists_and_a_row_without_the_path_has_a_dash() -> None:
    one = manifest("VirtualService", "a", "networking.istio.io", spec={
        "hosts": ["x", "y"], "http": [{"timeout": "3s", "route": [{"weight": 1}, {"weight": 2}]}, {"retries": {"attempts": 0}}],
    })  # fmt: skip
    two = manifest("VirtualService", "b", "networking.istio.io", spec={"hosts": [], "odd key": 1, "on": True})
    mesh = mesh_of(captured("one.json", one), captured("two.json", two))
    rows = rows_of("virtualservices", mesh)
    assert cells(rows, "spec.hosts", mesh) == [("x", "y"), ABSENT]
    assert cells(rows, "spec.http[*].timeout", mesh) == ["3s", ABSENT]
    assert cells(rows, "spec.http[*].route[*].weight", mesh) == [("1", "2"), ABSENT]
    assert cells(rows, "spec.http[*].retries.attempts", mesh) == [0, ABSENT]
    assert cells(rows, "spec.on", mesh) == [ABSENT, "true"]
    assert cells(rows, "spec.http.timeout", mesh) == [ABSENT, ABSENT]
    offered = offered_paths(mesh, rows.rows)
    assert {"spec.hosts", "spec.http[*].route[*].weight", "spec.on"} <= set(offered)
    assert not any("odd" in path for path in offered)


def test_keys_and_passwords_are_not_shown() -> None:
    secret = manifest("Secret", "s", stringData={"password": "hunter2"}, data={"tls.key": "a2V5"})
    mesh = mesh_of(captured("s.json", secret))
    rows = rows_of("secrets.", mesh)
    assert len(rows) == 1
    shown = [cell for path in offered_paths(mesh, rows.rows) for cell in cells(rows, path, mesh)]
    assert shown
    assert not {"hunter2", "a2V5"} & set(map(str, shown))


def test_rows_are_filtered_and_ordered_by_a_path() -> None:
    rows = rows_of("clusters", proxy="productpage")
    more = with_paths(BOOKINFO, rows, ["type"])
    at = len(rows.columns)
    kept = more.matching([Filter("eds", at, is_whole=True)], (0,))
    assert 0 < len(kept) < len(rows)
    assert {more.columns[at].cell(more[position]) for position in kept} == {"EDS"}
    ordered = [more.columns[at].cell(more[position]) for position in more.ordered(at)]
    values = [cell for cell in ordered if cell != ABSENT]
    assert values == sorted(values, key=lambda cell: str(cell).casefold())
    assert ordered[len(values) :] == [ABSENT] * (len(rows) - len(values))
    assert with_paths(BOOKINFO, rows, ()) is rows
