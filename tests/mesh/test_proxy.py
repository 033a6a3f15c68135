from __future__ import annotations

from typing import Any

import pytest

from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER
from meshscope.mesh.chains import destination
from meshscope.xds.cluster import Cluster
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.message import Undecodable, decode

from . import meshes
from .meshes import (
    GATEWAY,
    NETWORK,
    WEBSITE,
    bootstrap,
    captured,
    clusters,
    dump,
    eds,
    http_listener,
    listeners,
    owner,
    proxy_of,
    recorded,
    routes,
    static,
    table,
    tcp_listener,
)

HTTP = f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager"


def inline(name: str, route_config: dict[str, Any], type_url: str = HTTP) -> dict[str, Any]:
    return meshes.listener(name, {"@type": type_url, "route_config": route_config})


def test_inline_tables_stand_beside_those_of_rds_where_envoy_does_not_list_them() -> None:
    proxy = proxy_of(
        dump(bootstrap(), listeners(inline("l", table("in", cluster="a"))), routes(table("r", cluster="a")))
    )
    assert [(each.name, each.listener, each.resource is None) for each in proxy.route_tables()] == [
        ("r", "", False),
        ("in", "l", True),
    ]
    assert proxy.inline_tables[0].location.path[-2:] == ("typed_config", "route_config")


def test_an_inline_table_that_envoy_lists_among_the_static_is_there_once() -> None:
    static_tables = {"static_route_configs": [{"route_config": table("in", cluster="a")}]}
    proxy = proxy_of(dump(bootstrap(), listeners(inline("l", table("in", cluster="a"))), static_tables))
    assert [(each.name, each.state) for each in proxy.route_tables()] == [("in", "static")]


def test_a_table_of_another_protocols_proxy_is_a_table_too() -> None:
    proxy = proxy_of(dump(bootstrap(), listeners(inline("l", {"name": "t"}, f"{NETWORK}.thrift_proxy.v3.ThriftProxy"))))
    assert [each.name for each in proxy.route_tables()] == ["t"]


@pytest.mark.parametrize(
    ("pod", "workload"),
    [
        ("reviews-v1-7d8c5d6f4b-x2x9k.shop", "reviews-v1"),
        ("db-0.shop", ""),
        ("reviews.shop", ""),
        ("reviews-v1-7d8c5d6f4b.shop", ""),
    ],
)
def test_a_workload_is_the_pods_name_without_what_its_replica_set_appended(pod: str, workload: str) -> None:
    assert proxy_of(dump(bootstrap(pod), clusters())).workload == workload


def test_the_workload_that_the_node_names_wins() -> None:
    part = bootstrap("reviews-v1-7d8c5d6f4b-x2x9k.shop")
    part["bootstrap"]["node"]["metadata"]["WORKLOAD_NAME"] = "other"
    assert proxy_of(dump(part, clusters())).workload == "other"


def test_the_version_is_the_servers_own_else_the_nodes() -> None:
    part = bootstrap()
    version = {"major_number": 1, "minor_number": 36, "patch": 4}
    part["bootstrap"]["node"]["user_agent_build_version"] = {"version": version}
    told = {"version": "abc/1.40.0/Clean/RELEASE/BoringSSL", "state": "LIVE", "uptime_current_epoch": "1s"}
    assert proxy_of(dump(part, clusters())).envoy_version == "1.36.4"
    assert proxy_of(dump(part, clusters()), captured("i.json", told)).envoy_version == "1.40.0"
    assert proxy_of(dump(bootstrap(), clusters())).envoy_version == ""


def test_live_clusters_of_a_text_are_told_apart_by_the_names_of_the_dump() -> None:
    text = "a::b::10.0.0.1:80::health_flags::healthy\na::b::added_via_api::true\n"
    proxy = proxy_of(dump(bootstrap(), clusters(eds("a::b"))), captured("clusters.txt", text))
    assert proxy.live_clusters
    assert [host.address for host in proxy.live_clusters["a::b"].hosts] == ["10.0.0.1:80"]


def test_a_resource_in_effect_is_found_by_name_and_a_warming_one_is_not() -> None:
    warming = {"dynamic_warming_clusters": [{"cluster": static("a", "10.0.0.1:80")}]}
    proxy = proxy_of(dump(bootstrap(), warming))
    assert proxy.resource(CLUSTER, "a") is None
    assert [resource.name for resource in proxy.resources(CLUSTER, in_effect=False)] == ["a"]
    assert proxy.has_evidence(CLUSTER)
    assert not proxy.has_evidence(ENDPOINTS)


def test_equal_bodies_are_read_once_for_all_proxies_and_by_the_dialect_of_their_dump() -> None:
    body = {"name": "a", "hosts": [{"socket_address": {"address": "10.0.0.1", "port_value": 80}}]}
    new = [dump(bootstrap(f"{pod}.x"), clusters(body), name=f"{pod}.json") for pod in ("1", "2")]
    part = {
        "@type": "type.googleapis.com/envoy.admin.v2alpha.ClustersConfigDump",
        "static_clusters": [{"cluster": body}],
    }
    mesh = meshes.mesh_of(*new, dump(bootstrap("3.x"), part, name="3.json"))
    first, second, old = (proxy.read(proxy.resources(CLUSTER)[0], Cluster) for proxy in mesh.proxies)
    assert first is second
    assert isinstance(first, Cluster)
    assert isinstance(old, Cluster)
    assert (first.load_assignment is None, old.load_assignment is None) == (True, False)


def test_a_body_reads_as_another_type_too_and_an_unreadable_one_says_why() -> None:
    proxy = proxy_of(dump(bootstrap(), clusters({"name": "a", "type": 3})))
    resource = proxy.resource(CLUSTER, "a")
    assert resource
    assert isinstance(proxy.read(resource, Cluster), Undecodable)
    assert not isinstance(proxy.read(resource, FilterChain), Undecodable)


def test_a_recorded_gateway_is_whole_and_knows_its_labels() -> None:
    (gateway,) = (proxy for proxy in recorded(WEBSITE).proxies if proxy.name == GATEWAY)
    assert gateway.is_whole
    assert gateway.kind == "gateway"
    assert gateway.node
    assert gateway.node.label("istio") == "ingressgateway"
    assert gateway.id == owner(GATEWAY.partition(".")[0], "istio-system")
    assert gateway.listener_names >= {"0.0.0.0_8080"}
    assert len(list(gateway.listeners())) == len(gateway.resources(LISTENER))


@pytest.mark.parametrize(
    ("one", "shown", "route_configs", "clusters_"),
    [
        (http_listener("l", "r"), "Route: r", ("r",), ()),
        (tcp_listener("l", "c"), "Cluster: c", (), ("c",)),
        (inline("l", table("in", cluster="c")), "Inline Route: /*", ("in",), ("c",)),
        (inline("l", table("", cluster="c")), "Inline Route: /*", (), ("c",)),
        (meshes.listener("l", {"@type": "t/example.Echo"}), "f", (), ()),
        (meshes.listener("l", {"@type": HTTP}), "HTTP", (), ()),
        (meshes.listener("l", {"@type": HTTP, "scoped_routes": {"name": "s"}}), "Scoped Route: s", (), ()),
        ({"filter_chains": [{}]}, "no filters", (), ()),
    ],
)
def test_a_chain_tells_where_it_leads(one: Any, shown: str, route_configs: Any, clusters_: Any) -> None:
    chain = decode(captured("x", one["filter_chains"][0]).document.body, FilterChain)
    assert isinstance(chain, FilterChain)
    leads = destination(chain)
    assert (str(leads), leads.route_configs, leads.clusters) == (shown, route_configs, clusters_)
