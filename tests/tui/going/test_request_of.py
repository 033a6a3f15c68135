from __future__ import annotations

import pytest

from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.simulation.journey.simulator import trace
from meshscope.tui.going.request_of import request_of

from ...mesh.meshes import recorded

MESH = recorded("bookinfo")
PRODUCTPAGE = "productpage-v1-12eae82901-8b536.default"
REVIEWS = "reviews.default.svc.cluster.local"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("listeners", "0.0.0.0_9080"),
        ("filterchains", "0.0.0.0_9080/0"),
        ("filterchains", "virtualInbound/0"),
        ("routes", "9080"),
        ("routes", f"9080/{REVIEWS}:9080"),
        ("routes", f"9080/{REVIEWS}:9080/1"),
        ("clusters", f"outbound|9080|v1|{REVIEWS}"),
        ("endpoints", f"outbound|9080|v1|{REVIEWS}/10.20.0.21:9080"),
    ],
)
def test_what_a_name_stands_for_is_asked(kind: str, name: str) -> None:
    request = request_of(MESH, kind_named(kind), Selection(proxy=PRODUCTPAGE, name=name))
    assert request is not None
    assert trace(MESH, request).is_well


@pytest.mark.parametrize(
    ("kind", "name", "dest"),
    [
        ("virtualservices", "reviews.default", f"http://{REVIEWS}:9080/"),
        ("destinationrules", "reviews.default", f"http://{REVIEWS}:9080/"),
        ("virtualservices", "bookinfo.default", "http://bookinfo.example.com/productpage"),
        ("services.core", "reviews.default", f"http://{REVIEWS}:9080/"),
    ],
)
def test_of_a_manifest_what_it_made_is_asked(kind: str, name: str, dest: str) -> None:
    request = request_of(MESH, kind_named(kind), Selection(name=name))
    assert request is not None
    assert request.dest == dest


def test_what_is_not_there_or_made_nothing_is_not_asked() -> None:
    assert request_of(MESH, kind_named("clusters"), Selection(proxy=PRODUCTPAGE, name="none")) is None
    assert request_of(MESH, kind_named("serviceaccounts"), Selection(name="default.default")) is None
    assert request_of(MESH, kind_named("virtualservices"), Selection(name="none.default")) is None
