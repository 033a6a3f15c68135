"""`enter` opens the manifest that owns a step, and Envoy's own object where no manifest does."""

from __future__ import annotations

from meshscope.listing.describe import describe
from meshscope.listing.registry import kind_named
from meshscope.simulation.request import Request
from meshscope.tui.tracing.trace_object import envoy_behind, object_behind
from meshscope.tui.tracing.trace_view import EXAMPLES, TraceView, traced

from ...mesh.meshes import recorded

MESH = recorded("bookinfo")


def view(source: str, dest: str, *, all_steps: bool = False) -> TraceView:
    return traced(MESH, Request(source=source, dest=dest), "", all_steps=all_steps)


def test_the_owner_of_the_chosen_route_is_opened() -> None:
    found = view("productpage", "reviews")
    name = object_behind(MESH, found, found.start)
    assert name is not None
    assert (name.kind, name.selection.name) == ("virtualservice", "reviews.default")


def test_a_route_without_an_owner_is_opened_itself() -> None:
    found = view("productpage", "details")
    name = object_behind(MESH, found, found.start)
    assert name is not None
    assert name.kind == "routes"
    assert name.selection.name == "9080/details.default.svc.cluster.local:9080/0"


def test_a_hop_is_its_proxy() -> None:
    found = view("productpage", "reviews")
    name = object_behind(MESH, found, found.hops[0])
    assert name is not None
    assert (name.kind, name.selection.name) == ("proxies", "productpage-v1-12eae82901-8b536.default")


def test_every_object_behind_a_line_is_in_the_input() -> None:
    found = view("istio-ingressgateway", "http://bookinfo.example.com/productpage", all_steps=True)
    names = [name for number in range(len(found.lines)) if (name := object_behind(MESH, found, number))]
    assert {"virtualservice", "gateway", "listeners", "clusters"} <= {name.kind for name in names}
    assert all(describe(MESH, kind_named(name.kind, MESH), name.selection) for name in names)


def test_an_example_has_no_object() -> None:
    found = view("productpage", "reviews")
    assert object_behind(MESH, TraceView(found.trace, EXAMPLES), 0) is None


def test_behind_a_loser_is_its_own_route() -> None:
    found = view("productpage", "reviews", all_steps=True)
    loser = next(number for number, line in enumerate(found.lines) if line.label == "not" and "jason" in line.words)
    name = envoy_behind(MESH, found, loser)
    assert name is not None
    assert name.selection.name.endswith("reviews.default.svc.cluster.local:9080/0")
    chosen = envoy_behind(MESH, found, found.start)
    assert chosen is not None
    assert chosen.selection.name.endswith("/1")
