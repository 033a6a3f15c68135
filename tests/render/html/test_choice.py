from __future__ import annotations

import pytest

from meshscope.errors import UsageError
from meshscope.listing.home import home_view
from meshscope.listing.scope import scope_of
from meshscope.mesh.mesh import Mesh
from meshscope.render.html import choice as module
from meshscope.render.html.choice import choice, way
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace

from ...mesh.meshes import bootstrap, clusters, dump, mesh_of, recorded, static
from ...tui.sick import SICK, WELL, sick

BOOKINFO = recorded("bookinfo")
REVIEWS = trace(BOOKINFO, Request(source="productpage", dest="reviews"))


def names(mesh: Mesh, *words: str, traces: tuple[Trace, ...] = ()) -> list[str]:
    return [proxy.id.name for proxy in choice(mesh, home_view(mesh, ""), words, traces).proxies]


def note(mesh: Mesh, *words: str, traces: tuple[Trace, ...] = ()) -> str:
    return choice(mesh, home_view(mesh, ""), words, traces).note


def test_named_proxies_are_drawn_in_their_order_each_once() -> None:
    assert names(BOOKINFO, "sleep", "details", "sleep") == [
        "sleep-4c000f4388-b71ee",
        "details-v1-deeb20a156-6ebbd",
        "details-v1-deeb20a156-ffa25",
    ]
    assert note(BOOKINFO, "sleep", "details") == ""
    with pytest.raises(UsageError, match="no proxy 'nobody'"):
        names(BOOKINFO, "nobody")


def test_without_names_it_is_the_proxies_of_the_traces_in_the_order_of_their_way() -> None:
    assert [name.rsplit("-", 2)[0] for name in names(BOOKINFO, traces=(REVIEWS,))] == [
        "productpage-v1",
        "reviews-v1",
        "reviews-v3",
    ]
    assert names(BOOKINFO, "sleep", traces=(REVIEWS,)) == ["sleep-4c000f4388-b71ee"]


def test_without_both_it_is_a_few_one_of_each_workload_and_the_page_says_so() -> None:
    found = names(BOOKINFO)
    assert [name.rsplit("-", 2)[0] for name in found] == ["details-v1", "productpage-v1", "ratings-v1"]
    assert note(BOOKINFO) == "3 of 9 proxies, those with faults first; --proxy draws another one"


def test_proxies_with_faults_are_first() -> None:
    assert names(sick()) == [SICK.split(".")[0], WELL.split(".")[0]]
    assert note(sick()) == ""


def test_there_is_an_end_whoever_chose_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    assert len(names(BOOKINFO, "reviews", "details")) == 2
    assert note(BOOKINFO, "reviews", "details") == "2 of 5 named proxies; a pod's name draws it alone"
    assert note(BOOKINFO, traces=(REVIEWS,)) == "2 of 3 proxies of the traces; --proxy draws another one"


def test_the_way_is_the_nodes_of_a_proxy_that_the_hops_name() -> None:
    sender, *_ = choice(BOOKINFO, home_view(BOOKINFO, ""), (), (REVIEWS,)).proxies
    nodes = way((REVIEWS,), sender)
    kinds = sorted(node.kind for node in nodes if scope_of(BOOKINFO, sender).place(node))
    one_each = ["filterchain", "listener", "route", "route_config", "virtual_host"]
    assert kinds == sorted([*one_each, "cluster", "cluster", "endpoint", "endpoint"])
    other = next(proxy for proxy in BOOKINFO.proxies if proxy.id.name.startswith("sleep"))
    assert way((REVIEWS,), other) == frozenset()


def test_a_receivers_inline_table_is_on_the_way_too() -> None:
    receiver = choice(BOOKINFO, home_view(BOOKINFO, ""), (), (REVIEWS,)).proxies[1]
    scope = scope_of(BOOKINFO, receiver)
    found = {node.kind for node in way((REVIEWS,), receiver) if scope.place(node)}
    assert found >= {"listener", "filterchain", "route_config", "virtual_host", "route", "cluster"}


def test_proxies_of_equal_names_in_two_clusters_are_told_apart() -> None:
    mesh = mesh_of(
        dump(bootstrap(), clusters(static("a", "10.0.0.9:80")), name="a.json", mesh_cluster="east"),
        dump(bootstrap(), clusters(static("b", "10.0.0.9:80")), name="b.json", mesh_cluster="west"),
    )
    assert len(names(mesh)) == 2
