from __future__ import annotations

import pytest

from meshscope.errors import CancelledError
from meshscope.listing.describe import describe
from meshscope.listing.registry import kind_named
from meshscope.listing.rows import Rows
from meshscope.mesh.mesh import Mesh
from meshscope.tui.going.things import COLUMNS, MOST_RANKED, Thing, fitting, things
from meshscope.tui.target import Target
from meshscope.work import Work

from ...mesh.meshes import recorded

MESH = recorded("bookinfo")


def first(typed: str, count: int = 1) -> list[str]:
    view = fitting(things(MESH), typed)
    return [f"{view.rows[position].kind} {view.rows[position].name}" for position in view.positions[:count]]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("vs reviews", "VirtualService reviews.default"),
        ("dr reviews", "DestinationRule reviews.default"),
        ("virtualinbound", "listener virtualInbound"),
        ("9080", "route table 9080"),
        ("prdpg v1", "Deployment productpage-v1.default"),
        ("cluster v3 rvws", "cluster outbound|9080|v3|reviews.default.svc.cluster.local"),
        ("proxy prod", "proxy productpage-v1-12eae82901-8b536.default"),
        ("ROOTCA", "secret ROOTCA"),
    ],
)
def test_the_best_one_is_the_first(typed: str, name: str) -> None:
    assert first(typed) == [name]


def test_what_has_not_all_letters_in_their_order_is_left_out() -> None:
    assert len(fitting(things(MESH), "zzqx")) == 0
    assert not any("productpage" in line for line in first("sweiver", 100))


def test_each_opens() -> None:
    for thing in things(MESH):
        if not thing.is_proxy:
            assert describe(MESH, kind_named(thing.target.kind, MESH), thing.target.selection), thing


def test_a_name_that_several_proxies_have_is_there_once() -> None:
    rows = things(MESH)
    (inbound,) = (row for row in rows if row.name == "virtualInbound")
    assert inbound.where == "8 proxies"
    assert things(MESH) is rows


def test_a_namespace_narrows() -> None:
    rows = things(MESH, "istio-system")
    assert {row.name.rpartition(".")[2] for row in rows if row.is_proxy or row.where == "manifests"} == {"istio-system"}


def test_of_very_many_those_with_the_text_are_first() -> None:
    thing = Thing(kind="cluster", name="", where="", target=Target("clusters", things(MESH)[0].target.selection))
    names = [f"a{number}b" for number in range(MOST_RANKED + 1)] + ["ab"]
    rows = Rows([Thing(kind="x", name=name, where="", target=thing.target) for name in names], [], COLUMNS)
    view = fitting(rows, "ab")
    assert rows[view.positions[0]].name == "ab"
    assert len(view) == len(names)


def test_a_cancelled_reading_stops() -> None:
    with pytest.raises(CancelledError):
        things(Mesh(MESH.snapshot), "", Work(None, lambda: True))
