"""The values that are nearest to one that no row has."""

from __future__ import annotations

import pytest

from meshscope.listing.near_values import near_values
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return Mesh(open_snapshot("demo"))


@pytest.mark.parametrize(
    ("kind", "selection", "near"),
    [
        ("clusters", Selection(fqdn="reviwes"), "; did you mean reviews.default.svc.cluster.local?"),
        ("routes", Selection(proxy="productpage", name="9081"), "; did you mean 9080?"),
        ("listeners", Selection(type="rout"), "; did you mean ROUTE, INLINE ROUTE?"),
        ("secrets", Selection(status="activ"), "; did you mean ACTIVE?"),
        ("clusters", Selection(fqdn="*.nowhere"), ""),  # a glob is no misspelt name
        ("clusters", Selection(fqdn="reviews.default.svc.cluster.local", port=1), ""),  # each value is known
        ("clusters", Selection(port=1), ""),
    ],
)
def test_a_value_that_no_row_has_is_answered_with_the_nearest_ones(
    mesh: Mesh, kind: str, selection: Selection, near: str
) -> None:
    assert near_values(mesh, kind_named(kind, mesh), selection) == near
