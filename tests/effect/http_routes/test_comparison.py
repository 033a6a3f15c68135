from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.effect.http_routes.comparison import Actual, compared
from meshscope.effect.http_routes.expected import Expected
from meshscope.xds.route import Route
from meshscope.xds.route_action import RouteAction
from meshscope.xds.route_match import RouteMatch


def route(path: str, cluster: str = "c", name: str = "") -> Route:
    match = RouteMatch(prefix=path[:-1]) if path.endswith("*") else RouteMatch(path=path)
    return Route(name=name, match=match, route=RouteAction(cluster=cluster, timeout="0s"))


def expected(*routes: Route) -> list[Expected]:
    return [Expected(("spec", "http", index), one) for index, one in enumerate(routes)]


def actual(*routes: Route | None) -> list[Actual]:
    """None is a route of another object."""
    return [
        Actual(index, one or route(f"/other{index}"), is_ours=one is not None, owner="VirtualService other")
        for index, one in enumerate(routes)
    ]


PATHS = st.lists(st.sampled_from(["/a", "/b", "/c", "/d*", "/e*"]), unique=True, min_size=1, max_size=5)


@given(PATHS, st.data())
def test_the_same_routes_in_the_same_order_are_in_effect_whatever_stands_between(
    paths: list[str], data: st.DataObject
) -> None:
    routes = [route(path) for path in paths]
    mixed: list[Route | None] = []
    for one in routes:
        mixed += [None] * data.draw(st.integers(0, 2)) + [one]
    for pair in compared(expected(*routes), actual(*mixed)):
        assert pair.actual is not None
        assert (pair.differences, pair.is_moved, pair.shadowed_by) == ((), False, None)


@given(PATHS.filter(lambda paths: len(paths) > 1), st.data())
def test_a_route_that_is_gone_is_missed_and_the_others_are_not(paths: list[str], data: st.DataObject) -> None:
    routes = [route(path, name=path) for path in paths]
    gone = data.draw(st.integers(0, len(routes) - 1))
    pairs = list(compared(expected(*routes), actual(*(one for index, one in enumerate(routes) if index != gone))))
    assert [index for index, pair in enumerate(pairs) if pair.actual is None] == [gone]
    assert not any(pair.differences for pair in pairs)


def test_a_route_with_another_cluster_is_the_same_route() -> None:
    (pair,) = compared(expected(route("/a", "new")), actual(None, route("/a", "old")))
    assert [str(one) for one in pair.differences] == ["route.cluster is old, new was expected"]


def test_a_route_with_another_match_is_found_by_its_name() -> None:
    first, second = compared(
        expected(route("/a", "x", "one"), route("/b", "y", "two")),
        actual(route("/b", "y", "two"), route("/z", "x", "one")),
    )
    assert [one.field for one in first.differences] == ["match.path"]
    assert (second.differences, second.is_moved) == ((), True)


def test_a_route_behind_one_that_takes_all_its_requests_is_reached_by_none() -> None:
    for earlier, later, is_shadowed in (
        (route("/a*"), route("/a/b*"), True),
        (route("/a*"), route("/ab"), True),
        (route("/a/b*"), route("/a*"), False),
        (route("/a"), route("/a*"), False),
        (Route(match=RouteMatch(prefix="/a", case_sensitive=False)), route("/a/b"), False),
    ):
        hosts = [Actual(0, earlier, is_ours=False), Actual(1, later, is_ours=True)]
        (pair,) = compared(expected(later), hosts)
        assert (pair.shadowed_by is not None) == is_shadowed, later
