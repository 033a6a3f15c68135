"""What is noted beside a list."""

from __future__ import annotations

from meshscope.listing.notes import Notes, notes
from meshscope.listing.registry import kind_of_name
from meshscope.listing.selection import EVERYTHING, Selection
from meshscope.mesh.mesh import Mesh

from ..mesh.meshes import PILOT, WEBSITE, bootstrap, clusters, dump, mesh_of, recorded, refused_update


def of(kind: str, count: int, selection: Selection = EVERYTHING, mesh: Mesh | None = None) -> Notes:
    return notes(mesh or recorded(WEBSITE), kind_of_name(kind), selection, count)


def test_an_empty_list_names_the_fields_that_nothing_matched() -> None:
    assert of("clusters", 0, Selection(name="x", port=1)) == Notes(
        "clusters", True, (("port", "1"), ("name", "x")), (), False
    )
    assert not of("clusters", 1, Selection(name="x")).is_empty


def test_a_list_without_evidence_is_not_called_empty() -> None:
    found = of("listeners", 0, mesh=mesh_of(dump(bootstrap(), clusters())))
    assert (found.is_empty, found.missing) == (False, ("no listener evidence in this input",))


def test_istiods_view_is_noted_for_what_belongs_to_proxies() -> None:
    assert of("clusters", 1, mesh=recorded(PILOT)).is_istiods_view
    assert not of("services", 1, mesh=recorded(PILOT)).is_istiods_view
    assert not of("clusters", 1).is_istiods_view


def test_refused_updates_are_noted_where_the_list_does_not_show_them() -> None:
    mesh = mesh_of(dump(bootstrap(), refused_update("l", "no")))
    assert of("listeners", 1, mesh=mesh).refused == ("an update of listener l of pod-1.default was refused: no",)
    for selection in (Selection(state="error"), Selection(state="all"), Selection(name="other")):
        assert of("listeners", 1, selection, mesh).refused == ()
    assert of("clusters", 1, mesh=mesh).refused == ()


def test_of_many_refused_updates_the_first_are_noted() -> None:
    mesh = mesh_of(dump(bootstrap(), refused_update(*(f"l{number}" for number in range(9)), "no")))
    assert len(of("listeners", 1, mesh=mesh).refused) == 6
    assert of("listeners", 1, mesh=mesh).refused[-1] == "and 4 more updates were refused: --state error lists them"
