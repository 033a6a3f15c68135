from __future__ import annotations

import pytest

from meshscope.envoy.resource import CLUSTER
from meshscope.mesh.endpoints import Endpoint, endpoints_of
from meshscope.mesh.proxy import Proxy
from meshscope.snapshot.snapshot import Captured
from meshscope.xds.cluster import Cluster

from . import meshes
from .meshes import (
    GATEWAY,
    WEBSITE,
    assignment,
    bootstrap,
    captured,
    clusters,
    dump,
    eds,
    endpoints,
    proxy_of,
    recorded,
    static,
)


def found(proxy: Proxy, name: str) -> tuple[Endpoint, ...] | None:
    resource = proxy.resource(CLUSTER, name)
    assert resource
    body = proxy.read(resource, Cluster)
    assert isinstance(body, Cluster)
    return endpoints_of(proxy, name, body)


def addresses(proxy: Proxy, name: str) -> list[str] | None:
    hosts = found(proxy, name)
    return None if hosts is None else [host.address for host in hosts]


def live(*clusters: tuple[str, str]) -> Captured:
    statuses = [
        {"name": name, "host_statuses": [{**meshes.at(address), "health_status": {"eds_health_status": "HEALTHY"}}]}
        for name, address in clusters
    ]
    return captured("clusters.json", {"cluster_statuses": statuses})


LISTED = clusters(eds("a", eds_cluster_config={"service_name": "b"}), static("s", "10.0.0.7:1"))


def test_what_clusters_says_wins_over_eds_and_eds_over_the_configuration() -> None:
    whole = dump(bootstrap(), LISTED, endpoints(assignment("b", "10.0.0.2:80"), assignment("s", "10.0.0.8:1")))
    assert addresses(proxy_of(whole, live(("a", "10.0.0.1:80"))), "a") == ["10.0.0.1:80"]
    assert addresses(proxy_of(whole), "a") == ["10.0.0.2:80"]
    assert addresses(proxy_of(whole), "s") == ["10.0.0.8:1"]
    assert addresses(proxy_of(dump(bootstrap(), LISTED)), "s") == ["10.0.0.7:1"]


def test_no_evidence_is_not_an_empty_list() -> None:
    assert addresses(proxy_of(dump(bootstrap(), LISTED)), "a") is None
    assert addresses(proxy_of(dump(bootstrap(), LISTED, endpoints())), "a") == []
    assert addresses(proxy_of(dump(bootstrap(), LISTED, endpoints(assignment("b")))), "a") == []
    assert addresses(proxy_of(dump(bootstrap(), clusters({"name": "BlackHoleCluster"}))), "BlackHoleCluster") == []


def test_an_assignment_under_the_clusters_own_name_is_another_ones() -> None:
    proxy = proxy_of(dump(bootstrap(), LISTED, endpoints(assignment("a", "10.0.0.2:80"))))
    assert addresses(proxy, "a") == []


def test_what_istiod_sends_by_eds_says_nothing_of_clusters_that_hold_their_endpoints() -> None:
    empty = {"@type": meshes.ADMIN + "BootstrapConfigDump"}
    hosts = {"clusterName": "s", "endpoints": [{"lbEndpoints": [{"endpoint": camel_case("10.0.0.7", 1)}]}]}
    own = [
        {"name": "s", "type": "STATIC", "loadAssignment": hosts},
        {"name": "a", "type": "EDS"},
        {"name": "b", "type": "EDS"},
    ]
    told = dump(empty, {"dynamicActiveClusters": [{"cluster": each} for each in own]}, owner=meshes.owner("pod-1"))
    bare = captured("eds.json", [assignment("b", "10.0.0.2:80")], owner=meshes.owner("pod-1"))
    proxy = proxy_of(told, bare)
    assert [addresses(proxy, name) for name in ("s", "a", "b")] == [["10.0.0.7:1"], [], ["10.0.0.2:80"]]


def camel_case(host: str, port: int) -> dict[str, object]:
    return {"address": {"socketAddress": {"address": host, "portValue": port}}}


def test_a_static_cluster_has_what_it_says_even_where_the_endpoint_section_leaves_it_out() -> None:
    sections = (clusters(static("a", "10.0.0.1:80"), eds("b")), endpoints(assignment("c", "10.0.0.3:80")))
    proxy = proxy_of(dump({"@type": meshes.ADMIN + "BootstrapConfigDump", "bootstrap": {}}, *sections))
    assert addresses(proxy, "a") == ["10.0.0.1:80"]
    assert addresses(proxy, "b") == []


def test_an_assignment_that_does_not_read_is_no_evidence() -> None:
    broken = {"cluster_name": "b", "endpoints": 3}
    assert addresses(proxy_of(dump(bootstrap(), LISTED, endpoints(broken))), "a") is None


def test_a_cluster_that_clusters_does_not_list_is_not_known_to_be_empty() -> None:
    proxy = proxy_of(dump(bootstrap(), LISTED), live(("other", "10.0.0.1:80")))
    assert addresses(proxy, "a") is None
    assert addresses(proxy, "s") == ["10.0.0.7:1"]


def test_health_weight_priority_and_locality_are_read_from_an_assignment() -> None:
    host = {"endpoint": meshes.at("10.0.0.2:80"), "health_status": "DRAINING", "load_balancing_weight": 3}
    metadata = {"filter_metadata": {"istio": {"workload": "web;shop;web;v1;east"}}}
    group = {
        "lb_endpoints": [host, {"endpoint": meshes.at("10.0.0.3:80"), "metadata": metadata}],
        "priority": 1,
        "locality": {"region": "r", "zone": "z"},
    }
    proxy = proxy_of(dump(bootstrap(), LISTED, endpoints({"cluster_name": "b", "endpoints": [group]})))
    first, second = found(proxy, "a") or ()
    assert (first.health, first.weight, first.priority, first.locality) == ("DRAINING", 3, 1, "r/z")
    assert (second.health, second.weight, second.workload) == ("HEALTHY", 1, "web.shop")
    assert (first.is_healthy, second.is_healthy, first.host, first.outlier_check) == (False, True, "10.0.0.2", None)
    assert first.location.path[-4:] == ("endpoints", 0, "lb_endpoints", 0)


def test_live_hosts_keep_the_workload_that_eds_knows() -> None:
    metadata = {"filter_metadata": {"istio": {"workload": "web;shop;web;v1;east"}}}
    host = {"endpoint": meshes.at("10.0.0.1:80"), "metadata": metadata}
    told = endpoints({"cluster_name": "b", "endpoints": [{"lb_endpoints": [host]}]})
    (only,) = found(proxy_of(dump(bootstrap(), LISTED, told), live(("a", "10.0.0.1:80"))), "a") or ()
    assert (only.workload, only.outlier_check) == ("web.shop", "OK")


def test_a_recorded_gateway_has_the_pod_behind_its_route() -> None:
    (proxy,) = (each for each in recorded(WEBSITE).proxies if each.name == GATEWAY)
    name = "outbound|80|subset1|nginx-service.default.svc.cluster.local"
    (only,) = found(proxy, name) or ()
    assert recorded(WEBSITE).pod_at(only.host) == meshes.NGINX
    assert only.is_healthy
    assert (only.workload or "").endswith(".default")


@pytest.mark.parametrize(
    ("address", "host"), [("10.0.0.1:80", "10.0.0.1"), ("[::1]:80", "::1"), ("[2001:db8::1]:80", "2001:db8::1")]
)
def test_the_host_of_an_address_has_no_port_and_no_brackets(address: str, host: str) -> None:
    place = recorded(WEBSITE).proxies[0].resources(CLUSTER)[0].location
    assert Endpoint(address=address, health="HEALTHY", location=place).host == host


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ({"failed_active_health_check": True}, "UNHEALTHY"),
        ({"failed_active_health_check": True, "eds_health_status": "HEALTHY"}, "UNHEALTHY"),
        ({"failed_active_health_check": True, "eds_health_status": "DRAINING"}, "DRAINING"),
        ({"failed_outlier_check": True, "eds_health_status": "HEALTHY"}, "HEALTHY"),
        ({}, "HEALTHY"),
    ],
)
def test_a_host_that_fails_envoys_own_health_check_is_unhealthy(status: dict[str, object], health: str) -> None:
    """An ejected host has a column of its own."""
    hosts = [{**meshes.at("10.0.0.7:1"), "health_status": status}]
    statuses = captured("clusters.json", {"cluster_statuses": [{"name": "s", "host_statuses": hosts}]})
    (host,) = found(proxy_of(dump(bootstrap(), LISTED), statuses), "s") or ()
    assert host.health == health
