"""The request of a row goes through what the row shows; a row that says nothing of a request has none."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.listing.kind import Kind
from meshscope.listing.registry import kind_named
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.trace import Trace
from meshscope.tui.going.request_of import why_none
from meshscope.tui.tracing.likely_request import likely_request

from ...mesh.meshes import recorded

PRODUCTPAGE = "productpage-v1-12eae82901-8b536.default"
GATEWAY = "istio-ingressgateway-bc70f77432-0efe7.istio-system"


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return recorded("bookinfo")


def rows(mesh: Mesh, kind: str, proxy: str = "") -> list[Any]:
    return list(kind_named(kind).rows(mesh, Selection(proxy=proxy)))


def followed(mesh: Mesh, row: Row) -> Trace:
    request = likely_request(mesh, row)
    assert request is not None
    return trace(mesh, request)


def test_of_a_sidecar_a_client_asks_its_service(mesh: Mesh) -> None:
    (row,) = rows(mesh, "proxies", PRODUCTPAGE)
    found = followed(mesh, row)
    assert found.is_well
    assert found.paths[0].hops[0].proxy != PRODUCTPAGE
    assert found.paths[0].hops[-1].proxy == PRODUCTPAGE


def test_of_a_gateway_its_first_host_is_asked(mesh: Mesh) -> None:
    (row,) = rows(mesh, "proxies", GATEWAY)
    request = likely_request(mesh, row)
    assert request is not None
    assert request.dest == "http://bookinfo.example.com/productpage"
    assert trace(mesh, request).is_well


def test_of_each_route_to_a_service_the_request_takes_that_route(mesh: Mesh) -> None:
    chosen = [row for row in rows(mesh, "routes", PRODUCTPAGE) if row.domains != ("*",) and row.route_config == "9080"]
    assert len(chosen) > 3
    for row in chosen:
        hop = followed(mesh, row).paths[0].hops[0]
        assert (hop.virtual_host, hop.route and hop.route.index) == (row.virtual_host, row.index)


def test_of_each_route_of_a_gateway_the_request_takes_that_route(mesh: Mesh) -> None:
    chosen = [row for row in rows(mesh, "routes", GATEWAY) if row.route_config == "http.8080"]
    assert len(chosen) > 2
    for row in chosen:
        hop = followed(mesh, row).paths[0].hops[0]
        assert hop.route is not None
        assert hop.route.index == row.index


@pytest.mark.parametrize("kind", ["clusters", "endpoints"])
def test_of_an_outbound_cluster_its_proxy_asks_its_service(mesh: Mesh, kind: str) -> None:
    row = next(
        row
        for row in rows(mesh, kind, PRODUCTPAGE)
        if getattr(row, "cluster", getattr(row, "name", "")).startswith("outbound|9080||details")
    )
    hop = followed(mesh, row).paths[0].hops[0]
    assert hop.proxy == PRODUCTPAGE
    assert hop.cluster == "outbound|9080||details.default.svc.cluster.local"


def test_of_an_inbound_cluster_a_client_asks(mesh: Mesh) -> None:
    row = next(row for row in rows(mesh, "clusters", PRODUCTPAGE) if row.name.startswith("inbound|"))
    assert followed(mesh, row).paths[0].hops[-1].proxy == PRODUCTPAGE


def test_of_a_listener_its_port_is_asked(mesh: Mesh) -> None:
    row = next(row for row in rows(mesh, "listeners", PRODUCTPAGE) if row.name == "0.0.0.0_9080")
    assert followed(mesh, row).paths[0].hops[0].listener == "0.0.0.0_9080"


def test_of_a_service_it_is_asked(mesh: Mesh) -> None:
    row = next(row for row in rows(mesh, "services") if row.name == "reviews")
    assert followed(mesh, row).is_well


def test_a_row_that_says_nothing_of_a_request_has_none_and_the_message_says_what_to_type(mesh: Mesh) -> None:
    kind: Kind[Any] = kind_named("secrets")
    assert likely_request(mesh, rows(mesh, "secrets", PRODUCTPAGE)[0]) is None
    own = next(row for row in rows(mesh, "clusters", PRODUCTPAGE) if row.name == "PassthroughCluster")
    assert likely_request(mesh, own) is None
    assert "secret" in why_none(kind)
    assert ":trace SOURCE DEST" in why_none(kind)


@pytest.mark.parametrize("recording", ["bookinfo", "bookinfo-v2", "website"])
def test_no_row_of_a_recording_is_too_much(recording: str) -> None:
    found = recorded(recording)
    for kind in ("proxies", "listeners", "routes", "clusters", "endpoints", "services"):
        for row in rows(found, kind):
            request = likely_request(found, row)
            assert request is None or request.dest
