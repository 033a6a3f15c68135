"""Which endpoints a cluster gives, where no load balancer chooses among listed ones."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path

from ...mesh.meshes import (
    NETWORK,
    at,
    bootstrap,
    clusters,
    dump,
    listener,
    listeners,
    mesh_of,
    routes,
    table,
    tcp_listener,
)

TYPE = "type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig"
FORWARD_PROXY = {"name": "up", "cluster_type": {"name": "any", "typed_config": {"@type": TYPE}}}
TLS = {"transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"}}}  # fmt: skip

ROUTER = {"name": "r", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
MANAGER = {"@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager", "http_filters": [ROUTER],
           "rds": {"route_config_name": "80"}}  # fmt: skip
HTTP = listener("l", MANAGER)


def path_of(at: dict[str, Any], cluster: dict[str, Any], request: Request, *more: dict[str, Any]) -> Path:
    open_table = table("80", cluster="up")
    open_table["virtual_hosts"][0]["domains"] = ["*"]
    sections = (bootstrap(kind="router"), listeners(at), clusters(cluster, *more), routes(open_table))
    (path,) = trace(mesh_of(dump(*sections)), request).paths
    return path


@pytest.mark.parametrize(
    ("authority", "more", "address"),
    [
        ("a.example", {}, "a.example:80"),
        ("a.example:8080", {}, "a.example:8080"),
        ("a.example", TLS, "a.example:443"),
        ("10.9.9.9:8080", {}, "10.9.9.9:8080"),
        ("localhost:8080", {}, "127.0.0.1:8080"),
        ("[fd00::1]", {}, "[fd00::1]:80"),
        ("[fd00::1]:8080", {}, "[fd00::1]:8080"),
    ],
)
def test_a_dynamic_forward_proxy_sends_to_the_host_of_the_request(authority: str, more: Any, address: str) -> None:
    path = path_of(HTTP, {**FORWARD_PROXY, **more}, Request(dest="http://x:80/", authority=authority))
    assert Disposition.DELIVERED in (path.disposition, path.if_passed)
    assert [endpoint.address for endpoint in path.hops[0].endpoints or ()] == [address]
    assert path.assuming == (() if "a.example" not in address else ("a.example resolves",))


@pytest.mark.parametrize(
    ("name", "disposition"), [("envoy.clusters.redis", "unknown"), ("envoy.cluster.static", "no_healthy_upstream")]
)
def test_of_a_custom_cluster_without_endpoints_nothing_is_known(name: str, disposition: str) -> None:
    path = path_of(HTTP, {"name": "up", "cluster_type": {"name": name}}, Request(dest="http://a.example/"))
    assert path.disposition == disposition
    known = serving("up", "10.1.0.1", cluster_type={"name": name})
    assert path_of(HTTP, known, Request(dest="http://a.example/")).disposition == "delivered"


def test_a_connection_without_a_request_names_no_host() -> None:
    path = path_of(tcp_listener("l", "up"), FORWARD_PROXY, Request(to="10.77.0.1:80", protocol="tcp"))
    assert path.disposition is Disposition.UNKNOWN


def serving(name: str, *addresses: str, **more: Any) -> dict[str, Any]:
    ends = [{"endpoint": {"address": {"socket_address": {"address": one, "port_value": 80}}}} for one in addresses]
    return {"name": name, "type": "STATIC", "load_assignment": {"endpoints": [{"lb_endpoints": ends}]}, **more}


def of_breaker(**threshold: int) -> dict[str, Any]:
    return {"circuit_breakers": {"thresholds": [threshold]}}


@pytest.mark.parametrize(
    ("at", "addresses", "threshold", "flags"),
    [
        (HTTP, ("10.1.0.1",), {"max_requests": 0}, "UO"),
        (HTTP, (), {"max_requests": 0}, "UH"),
        (HTTP, ("10.1.0.1",), {"max_connections": 0}, None),
        (tcp_listener("l", "up"), ("10.1.0.1",), {"max_connections": 0}, "UO"),
        (tcp_listener("l", "up"), (), {"max_connections": 0}, "UO"),
        (tcp_listener("l", "up"), ("10.1.0.1",), {"max_pending_requests": 0}, "URX"),
        (tcp_listener("l", "up"), (), {"max_pending_requests": 0}, "UH"),
        (tcp_listener("l", "up"), ("10.1.0.1",), {"max_requests": 0}, None),
    ],
)
def test_a_host_is_asked_for_before_the_breakers_but_for_connections_of_tcp(
    at: dict[str, Any], addresses: tuple[str, ...], threshold: dict[str, int], flags: str | None
) -> None:
    http = at is HTTP
    asked = Request(dest="http://a.example/") if http else Request(to="10.77.0.1:80", protocol="tcp")
    path = path_of(at, serving("up", *addresses, **of_breaker(**threshold)), asked)
    if flags is None:
        assert path.disposition is Disposition.DELIVERED
        return
    assert path.response is not None
    assert (path.response.code, path.response.flags) == (503 if http else 0, flags)
    assert path.hops[0].endpoints == ()


AGGREGATE = "type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig"


@pytest.mark.parametrize(
    ("at", "own", "members", "disposition"),
    [
        (HTTP, {"max_requests": 0}, {}, "delivered"),
        (HTTP, {}, {"max_requests": 0}, "overload"),
        (tcp_listener("l", "up"), {"max_connections": 0}, {}, "overload"),
        (tcp_listener("l", "up"), {}, {"max_connections": 0}, "delivered"),
    ],
)
def test_the_breakers_of_an_aggregate_are_its_members_but_for_connections_of_tcp(
    at: dict[str, Any], own: dict[str, int], members: dict[str, int], disposition: str
) -> None:
    config = {"name": "aggregate", "typed_config": {"@type": AGGREGATE, "clusters": ["m"]}}
    all_of_them = {"name": "up", "cluster_type": config, **of_breaker(**own)}
    asked = Request(dest="http://a.example/") if at is HTTP else Request(to="10.77.0.1:80", protocol="tcp")
    path = path_of(at, all_of_them, asked, serving("m", "10.1.0.1", **of_breaker(**members)))
    assert path.disposition == disposition
    assert path.hops[0].cluster == "up"
    assert any(step.chosen == "m" for step in path.hops[0].steps) == (disposition == "delivered" or at is HTTP)


COMPOSITE = "type.googleapis.com/envoy.extensions.clusters.composite.v3.ClusterConfig"


@pytest.mark.parametrize(
    ("at", "members", "served"),
    [
        (HTTP, ("a", "b"), "10.1.0.1:80"),
        (HTTP, ("none", "b"), "10.1.0.2:80"),
        (HTTP, ("gone", "b"), "10.1.0.2:80"),
        (HTTP, ("none",), None),
        (tcp_listener("l", "up"), ("a",), None),
    ],
)
def test_a_composite_takes_the_first_member_with_a_host(
    at: dict[str, Any], members: tuple[str, ...], served: str | None
) -> None:
    config = {"@type": COMPOSITE, "clusters": [{"name": name} for name in members]}
    cluster = {"name": "up", "cluster_type": {"name": "composite", "typed_config": config}}
    asked = Request(dest="http://a.example/") if at is HTTP else Request(to="10.77.0.1:80", protocol="tcp")
    path = path_of(at, cluster, asked, serving("a", "10.1.0.1"), serving("b", "10.1.0.2"), serving("none"))
    if served is None:
        assert path.disposition == "no_healthy_upstream"
    else:
        assert [endpoint.address for endpoint in path.hops[0].endpoints or ()] == [served]


REWRITING = "type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3."
FORWARDING = {"name": "dfp", "typed_config": {"@type": f"{REWRITING}FilterConfig"}}


@pytest.mark.parametrize(
    ("kind", "per_route", "action", "address"),
    [
        ("envoy.clusters.dynamic_forward_proxy", {"host_rewrite_literal": "10.3.0.1:81"}, {}, "10.3.0.1:81"),
        ("envoy.clusters.dynamic_forward_proxy", {"host_rewrite_header": "x-h"}, {}, "10.3.0.2:82"),
        ("envoy.clusters.dynamic_forward_proxy", {"host_rewrite_header": "x-no"}, {}, "10.3.0.9:89"),
        ("envoy.clusters.dynamic_forward_proxy", {}, {"host_rewrite_literal": "10.3.0.3:83"}, "10.3.0.3:83"),
        (
            "envoy.clusters.dynamic_forward_proxy",
            {"host_rewrite_literal": "10.3.0.1:81"},
            {"host_rewrite_literal": "10.3.0.3:83"},
            "10.3.0.3:83",
        ),
        ("of another name", {"host_rewrite_literal": "10.3.0.1:81"}, {}, "10.3.0.9:89"),
    ],
)
def test_the_filter_rewrites_the_host_for_a_cluster_of_its_type_the_route_for_any(
    kind: str, per_route: dict[str, Any], action: dict[str, Any], address: str
) -> None:
    route = {
        "match": {"prefix": "/"},
        "route": {"cluster": "up", **action},
        "typed_per_filter_config": {"dfp": {"@type": f"{REWRITING}PerRouteConfig", **per_route}},
    }
    inline = {"name": "t", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]}
    config = {"@type": MANAGER["@type"], "http_filters": [FORWARDING, ROUTER], "route_config": inline}
    cluster = {"name": "up", "cluster_type": {"name": kind, "typed_config": {"@type": TYPE}}}
    mesh = mesh_of(dump(bootstrap(kind="router"), listeners(listener("l", config)), clusters(cluster)))
    request = Request(dest="http://x:80/", authority="10.3.0.9:89", headers=(("x-h", "10.3.0.2:82"),))
    (path,) = trace(mesh, request).paths
    assert [endpoint.address for endpoint in path.hops[0].endpoints or ()] == [address]


LISTENER_FILTERS = "type.googleapis.com/envoy.extensions.filters.listener."
ANYWHERE = {"address": {"socket_address": {"address": "0.0.0.0", "port_value": 80}}}  # noqa: S104  # data
RESTORING = {"name": "o", "typed_config": {"@type": f"{LISTENER_FILTERS}original_dst.v3.OriginalDst"}}
PROXY_PROTOCOL = {"name": "p", "typed_config": {"@type": f"{LISTENER_FILTERS}proxy_protocol.v3.ProxyProtocol"}}


@pytest.mark.parametrize(
    ("filters", "more", "header", "address"),
    [
        ((), {}, "", None),
        ((RESTORING,), {}, "", "10.9.0.1:80"),
        ((), {"use_original_dst": True}, "", "10.9.0.1:80"),
        ((PROXY_PROTOCOL,), {}, "", "10.9.0.1:80"),
        ((PROXY_PROTOCOL,), {"address": {"socket_address": {"address": "10.9.0.1", "port_value": 80}}}, "", None),
        ((RESTORING,), ANYWHERE, "", None),
        ((), {}, "10.8.0.1:81", "10.8.0.1:81"),
        ((), {}, "name:81", None),
        ((RESTORING,), {}, "name:81", "10.9.0.1:80"),
    ],
)
def test_only_a_restored_address_is_an_original_destination(
    filters: tuple[Any, ...], more: dict[str, Any], header: str, address: str | None
) -> None:
    cluster = {"name": "up", "type": "ORIGINAL_DST", "original_dst_lb_config": {"use_http_header": True}}
    headers = (("x-envoy-original-dst-host", header),) if header else ()
    request = Request(
        dest="http://a.example/", to="10.9.0.1:80", direct_source_ip="10.7.0.1", headers=headers, listener="l"
    )
    path = path_of({**HTTP, **at("127.0.0.1:15001"), "listener_filters": filters, **more}, cluster, request)
    if address is None:
        assert path.response is not None
        assert (path.disposition, path.response.code, path.response.flags) == ("no_healthy_upstream", 503, "UH")
    else:
        assert [endpoint.address for endpoint in path.hops[0].endpoints or ()] == [address]
