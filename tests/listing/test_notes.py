"""What is noted beside a list."""

from __future__ import annotations

from meshscope.listing.notes import Notes, notes
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import EVERYTHING, Selection
from meshscope.mesh.mesh import Mesh

from ..mesh.meshes import (
    PILOT,
    WEBSITE,
    bootstrap,
    captured,
    clusters,
    dump,
    manifest,
    mesh_of,
    recorded,
    refused_update,
    secrets,
)

VIRTUAL_SERVICES = "virtualservices.networking.istio.io"


def of(kind: str, count: int, selection: Selection = EVERYTHING, mesh: Mesh | None = None) -> Notes:
    return notes(mesh or recorded(WEBSITE), kind_named(kind), selection, count)


def test_an_empty_list_names_the_fields_that_nothing_matched() -> None:
    found = of("clusters", 0, Selection(port=1, direction="inbound"))
    assert found == Notes("clusters", True, (("port", "1"), ("direction", "inbound")), (), False)
    assert of("clusters", 0, Selection(name="xds")).near == "; did you mean xds-grpc?"
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


def virtual_services(**fields: object) -> Mesh:
    right = manifest("VirtualService", "right", "networking.istio.io", spec={})
    return mesh_of(*(captured(f"{one['metadata']['name']}.json", one) for one in (
        right, manifest("VirtualService", "wrong", "networking.istio.io", spec=fields),
    )))  # fmt: skip


def test_wrong_fields_of_listed_objects_are_noted_with_their_line() -> None:
    mesh = virtual_services(htp=[])
    expected = "unknown field htp, which the API server drops; did you mean http?"
    assert of(VIRTUAL_SERVICES, 2, mesh=mesh).wrong_fields == (
        f"VirtualService shop/wrong: spec.htp: {expected} (wrong.json:1)",
        "fields as of Istio development line of August 2026",
    )
    assert of(VIRTUAL_SERVICES, 1, Selection(name="right"), mesh).wrong_fields == ()
    assert of(VIRTUAL_SERVICES, 2, mesh=virtual_services(http=[])).wrong_fields == ()
    assert of("clusters", 1, mesh=mesh).wrong_fields == ()


def test_of_many_wrong_fields_the_first_are_noted() -> None:
    found = of(VIRTUAL_SERVICES, 2, mesh=virtual_services(**{f"a{number}": 1 for number in range(9)})).wrong_fields
    assert (len(found), found[-2]) == (7, "and 4 more fields are wrong: describe lists those of an object")


def test_the_name_of_a_proxy_in_the_place_of_a_resources_is_noted() -> None:
    mesh = recorded(WEBSITE)
    workload = mesh.proxies[0].workload
    assert of("listeners", 0, Selection(name=workload), mesh).is_a_proxys_name
    assert not of("listeners", 1, Selection(name=workload), mesh).is_a_proxys_name
    assert not of("listeners", 0, Selection(name="nobody"), mesh).is_a_proxys_name
    assert not of("services", 0, Selection(name=workload), mesh).is_a_proxys_name


def test_certificates_that_could_not_be_judged_are_counted_by_proxies() -> None:
    chain = secrets({"name": "default", "tls_certificate": {"certificate_chain": {"inline_string": "x"}}})
    mesh = mesh_of(dump(bootstrap(), chain))
    assert of("secrets", 1, mesh=mesh).without_time == 1
    assert of("secrets", 1, Selection(at="2026-11-24T16:40:00Z"), mesh=mesh).without_time == 0
    at_a_time = dump(bootstrap(), chain, captured_at="2026-11-24T16:40:00Z")
    assert of("secrets", 1, mesh=mesh_of(at_a_time)).without_time == 0
