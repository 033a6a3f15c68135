"""Ids of rows: unique in a list, the same in the next one."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.listing.describe import describe
from meshscope.listing.registry import KINDS, kind_named, kind_of_name
from meshscope.listing.row_id import RowId, row_ids
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection

from ..mesh.meshes import WEBSITE, bootstrap, captured, clusters, dump, mesh_of, recorded, routes, static, table

NAMES = st.lists(st.tuples(st.sampled_from("pq"), st.just("k"), st.sampled_from("abc")))


@given(NAMES)
def test_no_two_ids_are_equal_and_the_first_of_a_name_is_number_0(names: list[tuple[str, str, str]]) -> None:
    ids = list(row_ids(names))
    assert len(set(ids)) == len(names)
    assert [(one.proxy, one.kind, one.name) for one in ids] == names
    assert {RowId(*name) for name in names} <= set(ids)


def test_an_id_is_a_value() -> None:
    one = RowId("p.ns", "routes", "9080/v/0")
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301  # our own bytes
    assert {one: 1}[RowId("p.ns", "routes", "9080/v/0")] == 1


def ids(*names: str) -> set[RowId]:
    mesh = mesh_of(dump(bootstrap("a.x"), clusters(*(static(name, "10.0.0.1:80") for name in names))))
    return set(Rows.of(kind_of_name("clusters"), mesh, Selection()).ids)


def test_ids_stay_where_rows_come_go_and_change_places() -> None:
    assert ids("one", "two") - ids("three", "two") == {RowId("a.x", "clusters", "one")}
    assert ids("one", "two") == ids("two", "one")


def test_the_same_name_in_two_proxies_is_two_ids() -> None:
    pods = [dump(bootstrap(pod), clusters(static("c", "10.0.0.1:80")), name=f"{pod}.json") for pod in ("a.x", "b.x")]
    assert [one.proxy for one in Rows.of(kind_of_name("clusters"), mesh_of(*pods), Selection()).ids] == ["a.x", "b.x"]


def test_a_cluster_and_its_warming_successor_are_told_apart() -> None:
    warming = {"dynamic_warming_clusters": [{"cluster": static("c", "10.0.0.2:80")}]}
    mesh = mesh_of(dump(bootstrap("a.x"), clusters(static("c", "10.0.0.1:80")), warming))
    found = Rows.of(kind_of_name("clusters"), mesh, Selection(state="all")).ids
    assert found == (RowId("a.x", "clusters", "c"), RowId("a.x", "clusters", "c", 1))


def test_services_of_one_name_in_two_namespaces_keep_their_ids_when_one_goes() -> None:
    both = [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": ns}, "spec": {}} for ns in "ab"
    ]
    kind = kind_of_name("services")
    listed = [set(Rows.of(kind, mesh_of(*(captured(f"{i}.json", one) for i, one in enumerate(part))), Selection()).ids)
              for part in (both, both[1:])]  # fmt: skip
    assert listed[0] > listed[1] == {RowId("", "services", "web.b")}


@pytest.mark.parametrize("word", [*KINDS, "vs", "dr", "pods"])
def test_describe_finds_a_row_by_its_id(word: str) -> None:
    mesh = recorded(WEBSITE)
    kind = kind_named(word, mesh)
    rows = Rows.of(kind, mesh, Selection())
    for row, ident in zip(rows, rows.ids, strict=True):
        if not ident.index:
            there = describe(mesh, kind, Selection(proxy=ident.proxy, name=ident.name))
            assert there
            assert there.location == row.location


def test_inline_tables_without_a_name_have_ids_of_their_own() -> None:
    mesh = mesh_of(dump(bootstrap("a.x"), routes(table("r", cluster="a"), table("r", cluster="b"))))
    found = Rows.of(kind_of_name("routes"), mesh, Selection()).ids
    assert len(set(found)) == len(found) > 1
    assert [one.index for one in found] == [0, 1]
