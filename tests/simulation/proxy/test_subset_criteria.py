"""What decides a subset: route, connection and request; each row is the answer of an Envoy 1.40."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.proxy.subset_criteria import criteria_of
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path

from ...mesh.meshes import NETWORK, at, bootstrap, clusters, dump, listener, listeners, mesh_of
from ..reading import asking

ROUTER = {"name": "r", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
TYPE = "type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol"


@pytest.mark.parametrize(
    ("configured", "own", "metadata", "asked"),
    [
        (None, "", {}, None),
        ({"v": "1"}, "", {}, {"v": "1"}),
        (None, "", {"envoy.lb": {"v": "2"}}, {"v": "2"}),
        ({"v": "1", "stage": "prod"}, "", {"envoy.lb": {"v": "2"}}, {"v": "2", "stage": "prod"}),
        ({"v": "1"}, "", {"other": {"v": "2"}}, {"v": "1"}),
        (None, "", {"envoy.lb": {}}, {}),
        ({"v": "1", "stage": "prod"}, '{"v": "3"}', {}, {"v": "3", "stage": "prod"}),
        (None, '{"v": "3"}', {"envoy.lb": {"v": "2"}}, {"v": "2"}),
        ({"v": "1"}, "{}", {}, {"v": "1"}),
    ],
)
def test_the_request_goes_before_the_connection_and_both_before_the_route(
    configured: Any, own: str, metadata: dict[str, Any], asked: Any
) -> None:
    assert criteria_of(configured, Connection(lb_metadata=own), asking(metadata=metadata)) == asked


def path_of(kind: str, namespace: str, said: dict[str, Any], selector: str = "v") -> Path:
    """Through a listener whose PROXY protocol filter writes a TLV as key v of the namespace."""
    ends = [{"endpoint": at(f"10.1.0.{v}:80"), "metadata": {"filter_metadata": {"envoy.lb": {"v": v}}}} for v in "12"]
    cluster = {
        "name": "up",
        "type": "STATIC",
        "lb_subset_config": {"fallback_policy": "ANY_ENDPOINT", "subset_selectors": [{"keys": [selector]}]},
        "load_assignment": {"cluster_name": "up", "endpoints": [{"lb_endpoints": ends}]},
    }
    match = {"metadata_match": {"filter_metadata": {"envoy.lb": {"v": "1"}}}}
    route = {"match": {"prefix": "/"}, "route": {"cluster": "up", **match}}
    configs: dict[str, dict[str, Any]] = {
        "tcp": {"@type": f"{NETWORK}.tcp_proxy.v3.TcpProxy", "stat_prefix": "t", "cluster": "up", **match},
        "http": {
            "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
            "http_filters": [ROUTER],
            "route_config": {"name": "t", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]},
        },
    }
    rule = {"tlv_type": 234, "on_tlv_present": {"metadata_namespace": namespace, "key": "v"}}
    reader = {"name": "pp", "typed_config": {"@type": TYPE, "rules": [rule]}}
    entry = {**listener("l", configs[kind]), "listener_filters": [reader]}
    mesh = mesh_of(dump(bootstrap(kind="router"), listeners(entry), clusters(cluster)))
    asked: dict[str, Any] = {"protocol": "tcp"} if kind == "tcp" else {"authority": "a.example", "path": "/"}
    request = Request(**asked, listener="l", to="10.77.0.1:80", source_ip="10.9.9.9", dynamic_metadata=said)
    (path,) = trace(mesh, request).paths
    return path


@pytest.mark.parametrize("kind", ["tcp", "http"])
@pytest.mark.parametrize(("said", "host"), [({"v": "2"}, "10.1.0.2:80"), ({}, "10.1.0.1:80")])
def test_what_a_proxy_header_says_chooses_the_subset(kind: str, said: dict[str, Any], host: str) -> None:
    path = path_of(kind, "envoy.lb", {"envoy.lb": said})
    assert (path.disposition, path.assuming) == ("delivered", ())
    assert [one.address for one in path.hops[-1].endpoints or ()] == [host]


@pytest.mark.parametrize("kind", ["tcp", "http"])
def test_a_proxy_header_of_which_nothing_is_said_may_choose_another(kind: str) -> None:
    path = path_of(kind, "envoy.lb", {})
    assert (path.disposition, len(path.assuming)) == ("unknown", 1)
    assert "TLV" in path.assuming[0]


@pytest.mark.parametrize("kind", ["tcp", "http"])
@pytest.mark.parametrize(("namespace", "selector"), [("", "v"), ("mine", "v"), ("envoy.lb", "other")])
def test_a_value_elsewhere_or_of_which_no_subset_is_made_chooses_nothing(
    kind: str, namespace: str, selector: str
) -> None:
    assert path_of(kind, namespace, {}, selector).disposition == "delivered"
