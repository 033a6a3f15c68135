from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import CancelledError
from meshscope.listing.scope import CLUSTERS, COLUMNS, ENDPOINTS, LISTENERS, ROUTES, Scope, line_of, scope_of
from meshscope.location import Document, Location
from meshscope.mesh.graph import Edge, Node, cluster, listener, route_config
from meshscope.mesh.mesh import Mesh
from meshscope.work import Work
from tests.mesh.meshes import (
    assignment,
    bootstrap,
    clusters,
    dump,
    eds,
    endpoints,
    http_listener,
    listeners,
    mesh_of,
    recorded,
    routes,
    static,
    table,
    tcp_listener,
)

AT = Location(Document.of("dump.json", b"{}"))
DEPTH = len(COLUMNS)


def node(column: int, name: int) -> Node:
    return Node(COLUMNS[column], (f"{name}",))


@st.composite
def scopes(draw: st.DrawFn, *, with_circles: bool = True) -> Scope:
    """Columns of a few nodes with references from a column to a later one, and among clusters in any order."""
    columns = [[node(column, name) for name in range(draw(st.integers(1, 5)))] for column in range(DEPTH)]
    pairs = [
        (source, target)
        for column in range(DEPTH)
        for source in columns[column]
        for target in [each for later in columns[column + 1 :] for each in later]
    ]
    if with_circles:
        pairs += [(source, target) for source in columns[CLUSTERS] for target in columns[CLUSTERS]]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=20))
    return Scope(columns, [Edge(source, target, AT) for source, target in chosen])


def left(scope: Scope, narrowed: Any) -> set[Node]:
    return {scope.columns[column][position] for column, positions in enumerate(narrowed) for position in positions}


def every(scope: Scope) -> list[Node]:
    return [each for column in scope.columns for each in column]


def reached(scope: Scope, start: Node, *, back: bool) -> set[Node]:
    """By the definition: step by step along `sources`."""
    found, waiting = set(), [start]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += scope.sources(at) if back else [each for each in every(scope) if at in scope.sources(each)]
    return found


# --- narrowing -----------------------------------------------------------------------------------------------------


@given(scopes())
def test_a_node_narrows_to_what_it_reaches_and_what_reaches_it_over_any_number_of_references(scope: Scope) -> None:
    for start in every(scope):
        expected = reached(scope, start, back=True) | reached(scope, start, back=False)
        assert left(scope, scope.narrowed(start)) == expected


@given(scopes())
def test_narrowing_is_symmetric(scope: Scope) -> None:
    narrowed = {start: left(scope, scope.narrowed(start)) for start in every(scope)}
    for one, other in combinations(narrowed, 2):
        assert (one in narrowed[other]) == (other in narrowed[one])


@given(scopes(), st.integers(0, DEPTH - 1))
def test_the_nodes_of_a_column_together_leave_all_that_any_of_them_reaches_or_is_reached_by(
    scope: Scope, column: int
) -> None:
    together = set().union(*(left(scope, scope.narrowed(start)) for start in scope.columns[column]))
    expected = {each for each in every(scope) if left(scope, scope.narrowed(each)) & set(scope.columns[column])}
    assert together == expected


def test_a_node_without_references_narrows_to_itself() -> None:
    scope = Scope([[node(column, 0), node(column, 1)] for column in range(DEPTH)], [Edge(node(0, 0), node(1, 0), AT)])
    assert left(scope, scope.narrowed(node(3, 1))) == {node(3, 1)}
    assert left(scope, scope.narrowed(node(0, 0))) == {node(0, 0), node(1, 0)}


def test_what_two_nodes_share_is_not_narrowed_to_by_either_of_them() -> None:
    columns = [[node(0, 0), node(0, 1)], [], [], [node(3, 0)], []]
    scope = Scope(columns, [Edge(node(0, 0), node(3, 0), AT), Edge(node(0, 1), node(3, 0), AT)])
    assert left(scope, scope.narrowed(node(0, 0))) == {node(0, 0), node(3, 0)}


@given(scopes())
def test_positions_ascend_and_say_where_a_node_stands(scope: Scope) -> None:
    for start in every(scope):
        place = scope.place(start)
        assert place is not None
        positions = scope.narrowed(start)[place[0]]
        assert list(positions) == sorted(positions)
        line = line_of(positions, place[1])
        assert line is not None
        assert scope.columns[place[0]][positions[line]] == start


def test_a_node_that_is_gone_has_no_place_and_narrows_nothing() -> None:
    scope = Scope([[node(0, 0)], [], [], [node(3, 0)], []], [])
    gone = node(3, 9)
    assert scope.place(gone) is None
    assert left(scope, scope.narrowed_by((None, None, None, gone, None))) == set(every(scope))
    assert line_of([1, 3], 2) is None


# --- selections in several columns -----------------------------------------------------------------------------------


@given(scopes())
def test_nothing_selected_leaves_everything(scope: Scope) -> None:
    assert left(scope, scope.narrowed_by([None] * DEPTH)) == set(every(scope))


@given(scopes(), st.data())
def test_one_selected_node_narrows_the_other_columns_and_leaves_its_own_whole(
    scope: Scope, data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from(every(scope)))
    place = scope.place(start)
    assert place is not None
    selected = [start if column == place[0] else None for column in range(DEPTH)]
    by_one, narrowed = scope.narrowed(start), scope.narrowed_by(selected)
    for column in range(DEPTH):
        expected = range(len(scope.columns[column])) if column == place[0] else by_one[column]
        assert list(narrowed[column]) == list(expected)


@given(scopes(), st.data())
def test_no_selected_node_is_lost_whatever_is_selected_after_it(scope: Scope, data: st.DataObject) -> None:
    selected: list[Node | None] = [None] * DEPTH
    for _ in range(6):
        column = data.draw(st.integers(0, DEPTH - 1))
        positions = scope.narrowed_by(selected)[column]
        if len(positions):
            selected[column] = scope.columns[column][data.draw(st.sampled_from(list(positions)))]
        remaining = left(scope, scope.narrowed_by(selected))
        assert {each for each in selected if each} <= remaining


# --- the scope of a proxy --------------------------------------------------------------------------------------------


def scope(*sections: dict[str, Any]) -> Scope:
    mesh = mesh_of(dump(bootstrap(), *sections))
    return scope_of(mesh, mesh.proxies[0])


def test_every_node_of_a_recorded_graph_but_the_secrets_is_in_a_column_once() -> None:
    mesh: Mesh = recorded("bookinfo")
    for proxy in mesh.proxies:
        found = scope_of(mesh, proxy)
        nodes = every(found)
        assert len(nodes) == len(set(nodes))
        ends = {end for edge in mesh.graph(proxy).edges for end in (edge.source, edge.target)}
        assert {end for end in ends if end.kind != "secret"} <= set(nodes)


def test_a_listener_narrows_to_its_cluster_and_endpoint_and_back() -> None:
    found = scope(
        listeners(http_listener("l", "r"), tcp_listener("m", "b")),
        routes(table("r", cluster="a")),
        clusters(static("a", "10.0.0.1:80"), static("b", "10.0.0.2:80")),
    )
    narrowed = left(found, found.narrowed(listener("l")))
    endpoint = Node("endpoint", ("a", "10.0.0.1:80"))
    assert {cluster("a"), endpoint, Node("route", ("r", "vh", 0))} <= narrowed
    assert not {listener("m"), cluster("b")} & narrowed
    assert left(found, found.narrowed(endpoint)) == narrowed


def test_resources_that_nothing_refers_to_are_in_their_columns() -> None:
    found = scope(listeners(), routes({"name": "empty"}), clusters(eds("alone")), endpoints(assignment("alone")))
    assert found.columns == ((), (), (route_config("empty"),), (cluster("alone"),), ())
    assert found.exists(cluster("alone"))


def test_dangling_targets_are_in_their_columns_and_do_not_exist() -> None:
    found = scope(
        listeners(http_listener("l", "gone"), tcp_listener("m", "lost")),
        routes(table("r", cluster="a")),
        clusters(eds("a")),
        endpoints(),
    )
    missing = [[each for each in column if not found.exists(each)] for column in found.columns]
    assert missing[LISTENERS] == []
    assert missing[ROUTES] == [route_config("gone")]
    assert missing[CLUSTERS] == [cluster("lost")]
    assert missing[ENDPOINTS] == [Node("endpoints", ("a",))]
    assert left(found, found.narrowed(cluster("lost"))) >= {listener("m"), cluster("lost")}


def test_a_missing_cluster_is_beside_the_other_subsets_of_its_host() -> None:
    def name(subset: str, host: str = "reviews") -> str:
        return f"outbound|80|{subset}|{host}"

    found = scope(
        clusters(static(name("", "zoo")), static("agent"), static(name("v10")), static(name("v1"))),
        routes(table("r", cluster=name("v2"))),
    )
    names = [each.key[0] for each in found.columns[CLUSTERS]]
    assert names == [name("v1"), name("v2"), name("v10"), name("", "zoo"), "agent"]


def test_routes_are_below_their_virtual_host_and_their_table() -> None:
    found = scope(routes(table("80", cluster="a"), table("9", cluster="a")), clusters(static("a")))
    assert [str(each) for each in found.columns[ROUTES]] == [
        "route_config/9",
        "virtual_host/9/vh",
        "route/9/vh/0",
        "route_config/80",
        "virtual_host/80/vh",
        "route/80/vh/0",
    ]


def test_building_a_scope_is_cancelled() -> None:
    mesh: Mesh = recorded("bookinfo")
    with pytest.raises(CancelledError):
        scope_of(mesh, mesh.proxies[0], Work(None, lambda: True))
