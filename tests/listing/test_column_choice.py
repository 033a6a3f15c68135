"""Which columns a list shows."""

from __future__ import annotations

from meshscope.listing.column_choice import chosen_columns
from meshscope.listing.registry import kind_of_name
from meshscope.listing.selection import EVERYTHING, Selection

from ..mesh.meshes import GATEWAY, WEBSITE, recorded


def titles(selection: Selection = EVERYTHING, *, wide: bool = False, kind: str = "clusters") -> set[str]:
    return {column.title for column in chosen_columns(recorded(WEBSITE), kind_of_name(kind), selection, wide=wide)}


def test_wide_shows_every_column() -> None:
    assert titles(Selection(proxy=GATEWAY), wide=True) == {column.title for column in kind_of_name("clusters").columns}


def test_the_proxy_is_a_column_where_there_are_several() -> None:
    assert "PROXY" in titles()
    assert "PROXY" not in titles(Selection(proxy=GATEWAY))
    assert "NAMESPACE" in titles(kind="services")


def test_wide_columns_are_left_out_but_for_the_state_that_is_filtered_by() -> None:
    assert not {"STATE", "NAME", "CX"} & titles()
    assert titles(Selection(state="all")) - titles() == {"STATE", "ERROR"}
    assert titles(Selection(state="error")) - titles() == {"STATE", "ERROR"}
    assert titles(Selection(state="active")) - titles() == {"STATE"}
