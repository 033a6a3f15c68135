from __future__ import annotations

from meshscope.listing.describe import describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.tui.manifest_beside import beside, link_beside, why_not_beside
from meshscope.tui.object_view import OWNER, REACHES, USED_BY, Link, links
from meshscope.tui.target import Target

from ..mesh.meshes import recorded

MESH = recorded("bookinfo")
THERE = Target("clusters", Selection(name="a"))


def test_a_cluster_has_its_manifest_beside_it_as_it_is_written() -> None:
    name = "outbound|9080|v1|reviews.default.svc.cluster.local"
    thing = describe(MESH, kind_named("clusters", MESH), Selection(proxy="productpage", name=name))
    assert thing is not None
    link = link_beside(links(MESH, thing), is_manifest=False)
    assert link is not None
    found = beside(MESH, link)
    assert found is not None
    assert found.title.startswith("DestinationRule default/reviews · ")
    assert "kind: DestinationRule" in found.text.lines
    assert found.thing.name == "reviews"


def test_of_a_manifest_the_pointed_object_is_shown_else_the_first_that_opens() -> None:
    first, second = (Link(role=USED_BY, text=name, target=THERE) for name in "ab")
    lost, away = Link(role=USED_BY, text="c"), Link(role=REACHES, text="d", target=THERE)
    assert link_beside((lost, away, first, second), is_manifest=True) is first
    assert link_beside((lost, away, first, second), 3, is_manifest=True) is second
    assert link_beside((lost, away, first, second), 1, is_manifest=True) is first
    assert link_beside((lost, away), is_manifest=True) is None


def test_an_owner_without_its_manifest_is_said_and_nothing_else_is_shown() -> None:
    found = (Link(role=OWNER, text="VirtualService a/b"), Link(role=USED_BY, text="x", target=THERE))
    assert link_beside(found, is_manifest=False) is None
    assert link_beside((found[1],), is_manifest=False) is None
    assert why_not_beside(found, is_manifest=False).startswith(
        "VirtualService a/b is the owner, and its manifest is not"
    )
    assert "no proxy in this input" in why_not_beside((), is_manifest=True)


def test_what_is_gone_is_none() -> None:
    assert beside(MESH, Link(role=OWNER, text="x", target=Target("clusters", Selection(name="gone")))) is None
    assert beside(MESH, Link(role=OWNER, text="x")) is None
