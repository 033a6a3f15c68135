"""Rows of `get`: what each kind makes of a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.istio.debug.ztunnel import TunnelPolicy
from meshscope.listing.kinds.policies import rules_in_words
from meshscope.listing.registry import kind_of_name
from meshscope.listing.selection import Selection

from ...mesh import meshes
from ...mesh.ambient_meshes import ztunnel
from ...mesh.meshes import (
    GATEWAY,
    PILOT,
    WEBSITE,
    bootstrap,
    captured,
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
    tcp_listener,
    tls_socket,
)

HOST = "nginx-service.default.svc.cluster.local"


def rows(kind: str, *sections: dict[str, Any], **selection: Any) -> list[Any]:
    return list(kind_of_name(kind).rows(mesh_of(dump(bootstrap(), *sections)), Selection(**selection)))


def from_recording(kind: str, recording: str = WEBSITE, /, **selection: Any) -> list[Any]:
    return list(kind_of_name(kind).rows(recorded(recording), Selection(**selection)))


def test_a_recorded_proxy_has_its_versions_its_kind_and_its_sync() -> None:
    (row,) = from_recording("proxies", proxy=GATEWAY)
    assert (row.name, row.namespace, row.workload, row.kind) == (
        GATEWAY,
        "istio-system",
        "istio-ingressgateway",
        "gateway",
    )
    assert (row.envoy_version, row.view, row.istiod) == ("1.40.0", "envoy", "istiod-1")
    assert row.istio_version.startswith("1.32")
    assert (row.cds, row.lds, row.rds) == ("synced", "synced", "synced")
    assert row.node_id.startswith("router~")
    assert row.captured_at.endswith("Z")


def test_an_old_pilots_proxies_say_whose_view_they_are() -> None:
    found = from_recording("proxies", PILOT)
    assert {row.view for row in found} == {"istiod"}
    assert {row.kind for row in found} == {"sidecar", "gateway"}
    assert all(row.envoy_version is None for row in found)


def test_a_proxy_of_which_only_istiod_tells_is_a_row_too() -> None:
    states = {
        f"{name}_{when}": "1" for name in ("cluster", "listener", "route", "endpoint") for when in ("sent", "acked")
    }
    told = captured("s.json", [{"proxy": "far.shop", "istio_version": "1.20.1", **states}])
    found = list(kind_of_name("proxies").rows(mesh_of(dump(bootstrap(), clusters()), told), Selection()))
    assert [(row.name, row.view) for row in found] == [("pod-1.default", "envoy"), ("far.shop", None)]


def test_a_route_row_names_its_virtual_service_cluster_and_effective_timeout() -> None:
    (row,) = from_recording("routes", proxy=GATEWAY, name="http.8080")
    assert (row.virtual_host, row.domains[0], row.index, row.match) == ("*:80", "*", 0, "/*")
    assert (row.action, row.cluster, row.weight, row.timeout) == ("route", f"outbound|80|subset1|{HOST}", None, "0s")
    assert (row.virtual_service, row.owner) == (
        "default/nginx-virtual-service",
        "VirtualService default/nginx-virtual-service",
    )


WEIGHTED = {"clusters": [{"name": "a", "weight": 9}, {"cluster_header": "x", "weight": 1}]}


@pytest.mark.parametrize(
    ("action", "cluster", "weight", "timeout"),
    [
        ({"cluster": "a"}, "a", None, "15s"),
        ({"cluster": "a", "timeout": "0s"}, "a", None, "0s"),
        ({"cluster": "a", "timeout": "2.500s"}, "a", None, "2.5s"),
        ({"cluster": "a", "timeout": "2s", "max_stream_duration": {"max_stream_duration": "1s"}}, "a", None, "0s"),
        ({"weighted_clusters": WEIGHTED}, ("a", "header x"), (9, 1), "15s"),
        ({"cluster_header": "x"}, "header x", None, "15s"),
        ({"cluster_specifier_plugin": "p"}, "plugin p", None, "15s"),
    ],
)
def test_a_route_shows_how_its_cluster_is_chosen(action: Any, cluster: Any, weight: Any, timeout: str) -> None:
    (row,) = rows("routes", routes(table("r", **action)))
    assert (row.cluster, row.weight, row.timeout, row.action) == (cluster, weight, timeout, "route")


@pytest.mark.parametrize(
    ("action", "name", "shown"),
    [
        ({"redirect": {"https_redirect": True}}, "redirect", "301 https://"),
        ({"direct_response": {"status": 404}}, "direct_response", 404),
        ({"non_forwarding_action": {}}, "non_forwarding_action", None),
        ({"filter_action": {}}, "filter_action", None),
    ],
)
def test_other_actions_lead_to_no_cluster(action: dict[str, Any], name: str, shown: object) -> None:
    vhost = {"name": "v", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, **action}]}
    (row,) = rows("routes", routes({"name": "r", "virtual_hosts": [vhost]}))
    assert (row.action, row.cluster, row.timeout) == (name, None, None)
    assert shown in (row.redirect, row.direct_response)


def test_an_empty_table_and_an_empty_virtual_host_are_rows_of_their_own() -> None:
    empty, bare = {"name": "e"}, {"name": "b", "virtual_hosts": [{"name": "v", "domains": ["x"]}]}
    first, second = rows("routes", routes(empty, bare))
    assert (first.route_config, first.virtual_host, first.match) == ("e", None, None)
    assert (second.virtual_host, second.domains, second.match, second.action) == ("v", ("x",), None, None)


def test_an_unreadable_virtual_host_costs_itself_alone() -> None:
    broken = {"name": "b", "virtual_hosts": [{"name": 3}, table("x", cluster="a")["virtual_hosts"][0]]}
    first, second = rows("routes", routes(broken))
    assert first.match.startswith("unreadable")
    assert second.cluster == "a"


def test_a_listener_row_has_a_cell_for_each_chain_the_default_last() -> None:
    chain = {"filters": [{"name": "echo", "typed_config": {"@type": "t/x.Echo"}}]}
    one = {
        **http_listener("l", "r"),
        "default_filter_chain": chain,
        "traffic_direction": "OUTBOUND",
        "bind_to_port": False,
    }
    (row,) = rows("listeners", listeners(one))
    assert (row.port, row.chains, row.direction, row.bind_to_port) == (80, 2, "outbound", False)
    assert (row.match, row.destinations, row.route_configs) == (("ALL", "ALL"), ("Route: r", "echo"), ("r",))


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ({"address": {"pipe": {"path": "/x.sock"}}}, "/x.sock", None),
        ({"internal_listener": {}}, "", None),
        (meshes.at("::1:80"), "::1", 80),
    ],
)
def test_pipes_and_internal_listeners_have_no_port(address: dict[str, Any], host: str, port: int | None) -> None:
    (row,) = rows("listeners", listeners({"name": "l", "filter_chains": [], **address}))
    assert (row.address, row.port) == (host, port)


def test_a_filter_chain_row_has_its_index_its_transport_and_its_filters() -> None:
    mutual = tls_socket("cert")
    mutual["typed_config"]["require_client_certificate"] = True
    one = tcp_listener("l", "c", transport_socket=mutual, name="n", filter_chain_match={"server_names": ["a"]})
    one["default_filter_chain"] = tcp_listener("m", "d")["filter_chains"][0]
    first, second = rows("filterchains", listeners(one))
    assert (first.listener, first.index, first.name, first.match, first.transport) == (
        "l",
        0,
        "n",
        "SNI: a",
        "mutual TLS",
    )
    assert (second.index, second.match, second.transport, second.clusters) == (None, "default", "plain text", ("d",))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (f"outbound|80|v1|{HOST}", (HOST, 80, "v1", "outbound")),
        ("inbound|80||", ("", 80, "", "inbound")),
        ("inbound-vip|80|http/v2|a.example", ("a.example", 80, "http/v2", "inbound-vip")),
        ("PassthroughCluster", ("", None, "", "")),
    ],
)
def test_a_cluster_row_has_the_four_parts_of_its_name(name: str, parts: tuple[object, ...]) -> None:
    (row,) = rows("clusters", clusters(eds(name)))
    assert (row.fqdn, row.port, row.subset, row.direction) == parts
    assert (row.type, row.endpoints, row.healthy) == ("EDS", None, None)


def test_recorded_certificates_are_dated_and_hexadecimal() -> None:
    by_name = {row.name: row for row in from_recording("secrets", proxy=GATEWAY)}
    leaf, root = by_name["default"], by_name["ROOTCA"]
    assert (leaf.type, root.type, leaf.status) == ("certificate", "ca", "ACTIVE")
    assert leaf.sans[0].startswith("spiffe://cluster.local/ns/istio-system/sa/")
    assert int(leaf.serial, 16)
    assert leaf.not_before < leaf.not_after
    assert leaf.valid is True


def test_a_field_that_is_not_known_leaves_its_row_and_is_named() -> None:
    one = table("80", cluster="c")
    one["virtual_hosts"][0]["routes"][0]["match"]["glob_match"] = "/*"
    (route,) = rows("routes", routes(one))
    assert route.match == "/*; field glob_match is not known to meshscope"
    (chain,) = rows("filterchains", listeners(tcp_listener("l", "c", filter_chain_match={"tenant": "a"})))
    assert chain.match == "tenant: not known to meshscope"


def of_ztunnel(kind: str, **selection: Any) -> list[Any]:
    mesh = mesh_of(captured("ztunnel.json", ztunnel(waypoint="back/edge.back.svc.cluster.local")))
    return list(kind_of_name(kind).rows(mesh, Selection(**selection)))


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ({}, ["till", "store"]),
        ({"namespace": "back"}, ["store"]),
        ({"name": "till.front"}, ["till"]),
        ({"address": "10.8.0.2"}, ["store"]),
        ({"address": "10.8.0.20"}, []),
    ],
)
def test_workloads_are_those_of_ztunnels(selection: dict[str, str], names: list[str]) -> None:
    assert [row.name for row in of_ztunnel("workloads", **selection)] == names


def test_policies_say_in_words_whom_they_match_and_who_has_them() -> None:
    first = of_ztunnel("policies")[0]
    assert (first.name, first.action, first.rules) == ("no", "Deny", ("everything",))
    assert first.workloads == ("front/till", "back/store")
    assert [row.name for row in of_ztunnel("policies", namespace="front")] == ["front"]
    assert [row.dry_run for row in of_ztunnel("policies", name="back/trial")] == [True]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            [[{"principals": [{"Prefix": "a/"}, {"Suffix": "/b"}]}], [{"notSourceIps": ["10.0.0.0/8"]}]],
            "principals a/*, */b and notSourceIps 10.0.0.0/8",
        ),
        (
            [[{"destinationPorts": [80]}, {"serviceAccounts": [{"namespace": "n", "serviceAccount": "s"}]}]],
            "(destinationPorts 80 or serviceAccounts n/s)",
        ),
        ([[{}]], "nothing"),
        ([[]], "everything"),
        ([], "everything"),
        ([[{"notPrincipals": [{"Presence": []}]}]], "notPrincipals any"),
    ],
)
def test_a_rule_reads_as_ztunnel_matches_it(rule: Any, words: str) -> None:
    assert rules_in_words(TunnelPolicy(rules=(tuple(tuple(clause) for clause in rule),))) == (words,)


def test_endpoints_are_in_istioctls_order_by_address_as_text_port_and_cluster() -> None:
    pipe = {"endpoint": {"address": {"pipe": {"path": "./etc/socket"}}}}
    bodies = (
        {**static("p"), "load_assignment": {"cluster_name": "p", "endpoints": [{"lb_endpoints": [pipe]}]}},
        static("b", "10.0.0.9:80", "10.0.0.10:9090", "10.0.0.10:80"),
        static("a", "10.0.0.10:80", "::1:80"),
    )
    mesh = mesh_of(dump(bootstrap(), clusters(*bodies)))
    found = [(row.address, row.cluster) for row in kind_of_name("endpoints").rows(mesh, Selection())]
    assert found == [
        ("10.0.0.10:80", "a"),
        ("10.0.0.10:80", "b"),
        ("10.0.0.10:9090", "b"),
        ("10.0.0.9:80", "b"),
        ("[::1]:80", "a"),
        ("./etc/socket", "p"),
    ]
