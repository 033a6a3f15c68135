from __future__ import annotations

import pytest
from msgspec import to_builtins

from meshscope.listing.field_columns import field_columns
from meshscope.listing.kind import kind_of_name
from meshscope.listing.registry import KINDS
from meshscope.listing.selection import EVERYTHING

from ..mesh.meshes import recorded


@pytest.mark.parametrize("name", KINDS)
def test_a_column_has_the_value_of_its_field_as_json_has_it(name: str) -> None:
    kind = kind_of_name(name)
    columns = field_columns(kind.row, kind.columns)
    titles = {column.title.casefold() for column in kind.columns}
    assert not titles & {column.title for column in columns}
    for row in list(kind.rows(recorded("bookinfo"), EVERYTHING))[:20]:
        written = to_builtins(row, enc_hook=str)
        for column in columns:
            cell, value = column.cell(row), written[column.title]
            if isinstance(value, bool):
                assert cell == str(value).lower()
            elif value is None or isinstance(value, (str, int)):
                assert cell == value
            else:
                assert cell is not None
