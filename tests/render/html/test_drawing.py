from __future__ import annotations

from itertools import pairwise

import pytest

from meshscope.listing.scope import CLUSTERS, COLUMNS, ENDPOINTS, ROUTES, scope_of
from meshscope.listing.scope_lines import ScopeLines
from meshscope.mesh.graph import Node, cluster
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy_names import proxies_named
from meshscope.render.html import drawing as module
from meshscope.render.html.drawing import CELL, PADDING, WIDTHS, Box, Drawing, drawing
from meshscope.render.text import width

from ...mesh.meshes import (
    bootstrap,
    clusters,
    dump,
    eds,
    http_listener,
    listeners,
    mesh_of,
    recorded,
    routes,
    static,
    table,
)
from ...tui.sick import hostile


def lines_of(mesh: Mesh, name: str = "") -> ScopeLines:
    proxy = proxies_named(mesh, name)[0] if name else mesh.proxies[0]
    return ScopeLines(mesh, proxy, scope_of(mesh, proxy))


BOOKINFO = lines_of(recorded("bookinfo"), "productpage")
MESHES = [BOOKINFO, lines_of(recorded("bookinfo"), "istio-ingressgateway"), lines_of(hostile())]


def layer(drawn: Drawing, column: int) -> list[Box]:
    return [box for box in drawn.boxes if box.column == column]


def gateway(hosts: int) -> ScopeLines:
    """A proxy with a route table of so many virtual hosts, each with a cluster, of which every tenth does not exist."""
    host = table("80")["virtual_hosts"][0]
    many = [{**host, "name": f"h{n}", "domains": [f"h{n}"], "routes": [
        {"match": {"prefix": "/"}, "route": {"cluster": f"c{n}"}}]} for n in range(hosts)]  # fmt: skip
    found = [static(f"c{n}", "10.0.0.9:80") for n in range(hosts) if n % 10]
    sections = (listeners(http_listener("web", "80")), routes({"name": "80", "virtual_hosts": many}), clusters(*found))
    return lines_of(mesh_of(dump(bootstrap(), *sections)))


@pytest.mark.parametrize("lines", MESHES)
def test_every_node_is_a_box_of_its_layer_in_the_order_of_the_browser(lines: ScopeLines) -> None:
    drawn = drawing(lines)
    assert [box.number for box in drawn.boxes] == list(range(sum(drawn.counts)))
    assert drawn.counts == drawn.drawn == tuple(map(len, lines.scope.columns))


@pytest.mark.parametrize("lines", MESHES)
def test_boxes_of_a_layer_do_not_touch_and_what_is_in_them_fits(lines: ScopeLines) -> None:
    drawn = drawing(lines)
    for column in range(len(COLUMNS)):
        for one, next_ in pairwise(layer(drawn, column)):
            assert one.top + one.height < next_.top
    for box in drawn.boxes:
        words, room = box.words, WIDTHS[box.column] - 2 * PADDING - box.indent
        rows = (
            [[words.label], [words.sign, words.facts]] if words.rows == 2 else [[words.label, words.sign, words.facts]]
        )
        for row in rows:
            parts = [part for part in row if part]
            assert (sum(map(width, parts)) + 2 * (len(parts) - 1)) * CELL <= room


@pytest.mark.parametrize("lines", MESHES)
def test_curves_are_the_references_from_layer_to_layer(lines: ScopeLines) -> None:
    scope = lines.scope
    nodes = [node for column in scope.columns for node in column]
    every = {(scope.number(source), scope.number(node)) for node in nodes for source in scope.sources(node)}
    across = {(a, b) for a, b in every if scope.place(nodes[a])[0] != scope.place(nodes[b])[0]}  # type: ignore[index]
    drawn = drawing(lines)
    assert set(drawn.curves) == across
    assert len(drawn.curves) == len(across)
    assert set(drawn.references or ()) == every


def test_what_is_wrong_and_what_is_special_is_told() -> None:
    boxes = {box.title: box for box in drawing(BOOKINFO).boxes}
    assert any(box.glyph == "⚠" and "no such cluster" in box.words.sign for box in boxes.values())
    assert boxes["cluster BlackHoleCluster · black hole"].is_special
    assert sum(box.is_special for box in boxes.values()) == 3


def test_the_way_of_a_trace_is_marked() -> None:
    on_it = cluster("outbound|9080|v1|reviews.default.svc.cluster.local")
    marked = [box for box in drawing(BOOKINFO, frozenset({on_it, cluster("unknown")})).boxes if box.is_on_the_way]
    assert [box.name for box in marked] == ["cluster reviews… v1"]


def test_of_a_long_layer_the_way_is_drawn_then_what_is_in_trouble_then_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_NODES", 20)
    lines = gateway(100)
    drawn = drawing(lines, frozenset({cluster("c77"), Node("route", ("80", "h77", 0))}))
    names = [box.words.label for box in layer(drawn, CLUSTERS)]
    assert "c77" in names
    assert {f"c{n}" for n in range(0, 100, 10)} <= set(names)
    assert "c1" in names
    assert len(names) == 20
    assert drawn.counts[CLUSTERS] == 100
    routes_ = [box.title for box in layer(drawn, ROUTES)]
    assert "route 80 / h77 / 0 · /*" in routes_
    assert "virtual host 80 / h77" in " ".join(routes_)
    assert routes_[0] == "route config 80"


def test_a_route_that_is_drawn_has_its_virtual_host_and_its_table_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NODES", 7)
    lines = gateway(50)
    way = frozenset(Node("route", ("80", f"h{n}", 0)) for n in (3, 20, 49))
    nodes = lines.scope.columns[ROUTES]
    drawn = [nodes[box.number - lines.scope.number(nodes[0])] for box in layer(drawing(lines, way), ROUTES)]
    assert way <= set(drawn)
    for node in drawn:
        if node.kind == "route":
            assert Node("virtual_host", node.key[:-1]) in drawn
    assert drawn[0].kind == "route_config"


def test_the_drawing_of_a_huge_proxy_is_bounded() -> None:
    huge = lines_of(mesh_of(dump(bootstrap(), clusters(*(eds(f"c{n}") for n in range(3000))))))
    drawn = drawing(huge)
    assert drawn.counts[CLUSTERS] == 3000
    assert drawn.drawn[CLUSTERS] == module.MOST_NODES
    assert drawn.counts[ENDPOINTS] == drawn.drawn[ENDPOINTS]


def test_too_many_references_are_left_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    count = len(drawing(BOOKINFO).references or ())
    monkeypatch.setattr(module, "MOST_REFERENCES", count)
    assert drawing(BOOKINFO).references
    monkeypatch.setattr(module, "MOST_REFERENCES", count - 1)
    assert drawing(BOOKINFO).references is None
