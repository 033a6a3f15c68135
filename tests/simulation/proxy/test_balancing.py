"""Which endpoints a cluster gives, where no load balancer chooses among listed ones."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path

from ...mesh.meshes import NETWORK, bootstrap, clusters, dump, listener, listeners, mesh_of, routes, table, tcp_listener

TYPE = "type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig"
FORWARD_PROXY = {"name": "up", "cluster_type": {"name": "any", "typed_config": {"@type": TYPE}}}
TLS = {"transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"}}}  # fmt: skip

ROUTER = {"name": "r", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
MANAGER = {"@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager", "http_filters": [ROUTER],
           "rds": {"route_config_name": "80"}}  # fmt: skip
HTTP = listener("l", MANAGER)


def path_of(at: dict[str, Any], cluster: dict[str, Any], request: Request) -> Path:
    open_table = table("80", cluster="up")
    open_table["virtual_hosts"][0]["domains"] = ["*"]
    sections = (bootstrap(kind="router"), listeners(at), clusters(cluster), routes(open_table))
    (path,) = trace(mesh_of(dump(*sections)), request).paths
    return path


@pytest.mark.parametrize(
    ("authority", "more", "address"),
    [
        ("a.example", {}, "a.example:80"),
        ("a.example:8080", {}, "a.example:8080"),
        ("a.example", TLS, "a.example:443"),
        ("[fd00::1]", {}, "[fd00::1]:80"),
        ("[fd00::1]:8080", {}, "[fd00::1]:8080"),
    ],
)
def test_a_dynamic_forward_proxy_sends_to_the_host_of_the_request(authority: str, more: Any, address: str) -> None:
    path = path_of(HTTP, {**FORWARD_PROXY, **more}, Request(dest="http://x:80/", authority=authority))
    assert path.disposition is Disposition.DELIVERED
    assert [endpoint.address for endpoint in path.hops[0].endpoints or ()] == [address]


def test_another_custom_cluster_without_endpoints_has_none() -> None:
    cluster = {"name": "up", "cluster_type": {"name": "envoy.clusters.dynamic_forward_proxy"}}
    path = path_of(HTTP, cluster, Request(dest="http://a.example/"))
    assert path.disposition is not Disposition.DELIVERED


def test_a_connection_without_a_request_names_no_host() -> None:
    path = path_of(tcp_listener("l", "up"), FORWARD_PROXY, Request(to="10.77.0.1:80", protocol="tcp"))
    assert path.disposition is Disposition.UNKNOWN
