from __future__ import annotations

import pytest

from meshscope.errors import UsageError
from meshscope.listing.column import Column
from meshscope.listing.kinds.routes import RouteRow
from meshscope.listing.named_columns import column_named, named_columns
from meshscope.listing.registry import kind_named
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection

from ..mesh.meshes import recorded

MESH = recorded("bookinfo")
ROWS: Rows[RouteRow] = Rows.of(kind_named("routes"), MESH, Selection(proxy="productpage", name="9080"), fields_too=True)


@pytest.mark.parametrize("name", ["VHOST NAME", "vhost-name", "vhost_name", "Vhost Name"])
def test_a_title_is_typed_in_any_case_and_with_either_dash(name: str) -> None:
    (column,) = named_columns(MESH, ROWS, [name])
    assert column.title == "VHOST NAME"


def test_the_exact_title_wins_over_one_that_is_typed_the_same() -> None:
    columns = [Column[object]("a-b", str), Column[object]("A B", str)]
    assert [column_named(columns, name) for name in ("a-b", "A B", "a_b", "c")] == [0, 1, 0, None]


def test_fields_of_the_rows_and_paths_into_their_objects_are_columns_too() -> None:
    names = ["name", "virtual_host", "route.timeout"]
    columns = named_columns(MESH, ROWS, names)
    assert [column.title for column in columns] == ["NAME", "virtual_host", "route.timeout"]
    cells = [[column.cell(row) for column in columns] for row in ROWS]
    assert ["9080", "ratings.default.svc.cluster.local:9080", "2s"] in cells


def test_a_path_that_no_object_has_is_a_column_without_values() -> None:
    (column,) = named_columns(MESH, ROWS, ["route.nothing"])
    assert {column.cell(row) for row in ROWS} == {"-"}


def test_a_single_word_that_nothing_has_is_an_error_with_the_nearest_column() -> None:
    with pytest.raises(UsageError, match="no column or field 'vhost-nam'; did you mean vhost-name"):
        named_columns(MESH, ROWS, ["vhost-nam"])
    empty = Rows[RouteRow]((), (), ROWS.columns)
    assert len(named_columns(MESH, empty, ["vhost-nam"])) == 1, "nothing can be said without rows"
