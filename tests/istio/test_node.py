from __future__ import annotations

import pytest

from meshscope.istio.node import NodeId, parse_node_id, proxy_kind

from .documents import names


@pytest.mark.parametrize("text", names("node_ids.txt"))
def test_every_recorded_node_id_is_read_and_written_again(text: str) -> None:
    found = parse_node_id(text)
    assert str(found) == text
    assert proxy_kind(found) == ("gateway" if text.startswith("router") else "sidecar")


def test_a_pods_name_may_have_dots() -> None:
    found = parse_node_id("sidecar~10.0.0.1~vm.one.example.shop~shop.svc.cluster.local")
    assert found == NodeId("sidecar", "10.0.0.1", "vm.one.example", "shop", "shop.svc.cluster.local")


def test_the_domain_tells_the_namespace_where_the_name_does_not() -> None:
    found = parse_node_id("waypoint~10.0.0.1~lonely~shop.svc.cluster.local")
    assert found == NodeId("waypoint", "10.0.0.1", "lonely", "shop", "shop.svc.cluster.local")


@pytest.mark.parametrize("text", ["", "my-envoy", "a~b~c", "a~b~c~d~e", "sidecar~10.0.0.1~~x", "Side car~1~a.b~c"])
def test_what_istiod_refuses_is_not_read(text: str) -> None:
    assert parse_node_id(text) is None


@pytest.mark.parametrize(
    ("type_", "kind"),
    [("ingress", "gateway"), ("waypoint", "waypoint"), ("ztunnel", "ztunnel"), ("something", "envoy")],
)
def test_the_type_decides_the_kind(type_: str, kind: str) -> None:
    assert proxy_kind(NodeId(type_, "", "a", "b", "")) == kind


def test_a_proxy_without_a_node_id_of_istio_is_an_envoy() -> None:
    assert proxy_kind(None) == "envoy"
