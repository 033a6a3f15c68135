from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from meshscope.errors import CancelledError
from meshscope.location import Location
from meshscope.mesh.account import ISTIOD
from meshscope.mesh.graph import Graph, Node, cluster, listener, route_config, secret
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.work import Work

from . import meshes
from .meshes import (
    GATEWAY,
    PILOT,
    WEBSITE,
    assignment,
    bootstrap,
    clusters,
    dump,
    eds,
    endpoints,
    http_listener,
    listeners,
    mesh_of,
    proxy_of,
    recorded,
    routes,
    secrets,
    static,
    table,
    tcp_listener,
    tls_socket,
)

MESHES = [(WEBSITE, ""), (WEBSITE, ISTIOD), (PILOT, "")]
PROXIES = [(name, view, index) for name, view in MESHES for index in range(2)]


def dangling(*sections: dict[str, Any]) -> list[str]:
    return [str(edge.target) for edge in Graph(proxy_of(dump(bootstrap(), *sections))).dangling]


def value_at(place: Location) -> object:
    """What stands at a place, in the spelling of its document."""
    value = json.loads(place.document.body)
    for part in place.document.line_numbers.find(place.path)[0]:
        value = value[part]
    return value


def proxy(name: str, view: str, index: int) -> Proxy:
    mesh: Mesh = recorded(name, view)
    return mesh.proxies[index]


@pytest.mark.parametrize(("name", "view", "index"), PROXIES)
def test_what_a_node_reaches_uses_it_back_and_nothing_else_does(name: str, view: str, index: int) -> None:
    graph = Graph(proxy(name, view, index))
    assert graph.edges
    for node in {end for edge in graph.edges for end in (edge.source, edge.target)}:
        assert all(edge in graph.used_by(edge.target) for edge in graph.reaches(node))
        assert all(edge in graph.reaches(edge.source) for edge in graph.used_by(node))
    assert sum(len(graph.reaches(node)) for node in {edge.source for edge in graph.edges}) == len(graph.edges)


@pytest.mark.parametrize(("name", "view", "index"), PROXIES)
def test_every_edge_stands_at_a_place_of_the_document_that_names_its_target(name: str, view: str, index: int) -> None:
    for edge in Graph(proxy(name, view, index)).edges:
        found, line, column = edge.location.document.line_numbers.find(edge.location.path)
        assert len(found) == len(edge.location.path), edge
        assert line
        assert column
        if edge.target.kind in ("cluster", "route_config", "secret") and edge.target.key[0]:
            assert json.dumps(edge.target.key[0]) in json.dumps(value_at(edge.location))


@pytest.mark.parametrize(("name", "view"), [(WEBSITE, ""), (WEBSITE, ISTIOD)])
def test_a_healthy_recording_has_no_dangling_reference(name: str, view: str) -> None:
    assert [str(edge) for each in recorded(name, view).proxies for edge in Graph(each).dangling] == []


def test_a_recorded_gateway_leads_from_its_listener_to_the_pod() -> None:
    (gateway,) = (each for each in recorded(WEBSITE).proxies if each.name == GATEWAY)
    graph = Graph(gateway)
    reached, waiting = set(), [listener("0.0.0.0_8080")]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting += [edge.target for edge in graph.reaches(node)]
    name = "outbound|80|subset1|nginx-service.default.svc.cluster.local"
    assert {route_config("http.8080"), Node("route", ("http.8080", "*:80", 0)), cluster(name)} <= reached
    assert [node.key[0] for node in reached if node.kind == "endpoint"] == [name]
    assert secret("default") in reached


def test_an_inline_table_leads_where_its_own_routes_do() -> None:
    graph = Graph(recorded(WEBSITE).proxies[0])
    (chain,) = graph.reaches(listener("0.0.0.0_15021"))
    reached = {chain.target}
    for _ in range(4):
        reached |= {edge.target for node in reached for edge in graph.reaches(node)}
    assert {node.key[0] for node in reached if node.kind == "cluster"} == {"agent"}


def test_a_route_to_a_cluster_that_is_not_there_dangles() -> None:
    assert dangling(clusters(static("a", "10.0.0.1:80")), routes(table("r", cluster="gone"))) == ["cluster/gone"]
    assert dangling(clusters(static("a", "10.0.0.1:80")), routes(table("r", cluster="a"))) == []


def test_each_weighted_and_mirrored_cluster_is_looked_for() -> None:
    weighted = {"clusters": [{"name": "a", "weight": 1}, {"name": "b"}, {"cluster_header": "x"}]}
    mirror = [{"cluster": "c"}, {"cluster_header": "x"}]
    here = clusters(static("a", "10.0.0.1:80"))
    found = dangling(here, routes(table("r", weighted_clusters=weighted, request_mirror_policies=mirror)))
    assert found == ["cluster/b", "cluster/c"]


def test_a_table_that_was_not_delivered_dangles() -> None:
    chain = listeners(http_listener("l", "gone"))
    assert dangling(chain, routes(table("r", cluster="a")), clusters(static("a", "10.0.0.1:80"))) == [
        "route_config/gone"
    ]
    assert dangling(chain, routes(table("gone", cluster="a")), clusters(static("a", "10.0.0.1:80"))) == []


def test_a_cluster_of_a_tcp_proxy_that_is_not_there_dangles() -> None:
    assert dangling(listeners(tcp_listener("l", "gone")), clusters()) == ["cluster/gone"]
    assert dangling(listeners(tcp_listener("l", "a")), clusters(static("a", "10.0.0.1:80"))) == []


def test_a_secret_that_was_not_delivered_dangles_on_both_sides() -> None:
    chain = listeners(tcp_listener("l", "a", transport_socket=tls_socket("cert")))
    upstream = {**static("a", "10.0.0.1:80"), "transport_socket": tls_socket("client", side="Upstream")}
    assert dangling(chain, clusters(upstream), secrets({"name": "other"})) == ["secret/cert", "secret/client"]
    assert dangling(chain, clusters(upstream), secrets({"name": "cert"}, {"name": "client"})) == []


def test_a_secret_that_envoy_lists_as_warming_is_not_unknown_to_it() -> None:
    chain = listeners(tcp_listener("l", "a", transport_socket=tls_socket("cert")))
    asked = {"name": "cert", "secret": {"name": "cert"}}
    warming = {"@type": meshes.ADMIN + "SecretsConfigDump", "dynamic_warming_secrets": [asked]}
    assert dangling(chain, clusters(static("a", "10.0.0.1:80")), warming) == []


def test_an_eds_cluster_without_an_assignment_dangles_where_endpoints_were_captured() -> None:
    here = clusters(eds("a", eds_cluster_config={"service_name": "b"}), eds("c"))
    assert dangling(here, endpoints(assignment("c"))) == ["endpoints/b"]
    assert dangling(here, endpoints(assignment("c"), assignment("b", "10.0.0.1:80"))) == []
    assert dangling(here) == []


def test_a_member_of_an_aggregate_that_is_not_there_dangles() -> None:
    typed = {
        "@type": "type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig",
        "clusters": ["a", "b"],
    }
    whole = {"name": "x", "cluster_type": {"name": "envoy.clusters.aggregate", "typed_config": typed}}
    assert dangling(clusters(whole, static("a", "10.0.0.1:80"))) == ["cluster/b"]


def test_what_was_not_captured_makes_nothing_dangle() -> None:
    chain = listeners(http_listener("l", "gone"), tcp_listener("m", "gone", transport_socket=tls_socket("cert")))
    assert dangling(chain) == []
    assert dangling(routes(table("r", cluster="gone"))) == []


def test_warming_and_refused_clusters_do_not_hold_a_reference() -> None:
    warming = {"@type": meshes.ADMIN + "ClustersConfigDump", "dynamic_warming_clusters": [{"cluster": {"name": "a"}}]}
    assert dangling(warming, routes(table("r", cluster="a"))) == ["cluster/a"]


def test_a_workloads_own_secrets_are_not_missing_from_what_istiod_sends() -> None:
    socket = tls_socket("default", "kubernetes://web-cert")
    chain = tcp_listener("l", "a", transport_socket=socket)
    part = {
        "@type": meshes.ADMIN + "ListenersConfigDump",
        "dynamicListeners": [{"name": "l", "activeState": {"listener": chain}}],
    }
    empty = [{"@type": meshes.ADMIN + f"{kind}ConfigDump"} for kind in ("Bootstrap", "Secrets")]
    proxy = proxy_of(dump(*empty, part))
    assert proxy.view == ISTIOD
    assert [str(edge.target) for edge in Graph(proxy).dangling] == ["secret/kubernetes://web-cert"]


@pytest.mark.parametrize("dynamic", ["cds_config", "ads_config"])
def test_a_bootstrap_that_discovers_clusters_does_not_know_them_all(dynamic: str) -> None:
    static_resources = {"listeners": [tcp_listener("l", "later")], "clusters": [static("a", "10.0.0.1:80")]}
    text = {"dynamic_resources": {dynamic: {}}, "static_resources": static_resources}
    proxy = proxy_of(meshes.captured("envoy.json", text))
    assert Graph(proxy).dangling == ()


def test_a_bootstrap_with_sds_does_not_hold_its_secrets() -> None:
    chain = tcp_listener("l", "a", transport_socket=tls_socket("cert"))
    static_resources = {"listeners": [chain], "clusters": [static("a", "10.0.0.1:80")]}
    proxy = proxy_of(meshes.captured("envoy.json", {"static_resources": static_resources}))
    assert Graph(proxy).dangling == ()


def test_a_bootstrap_without_discovery_knows_all_its_clusters() -> None:
    static_resources = {"listeners": [tcp_listener("l", "gone")], "clusters": [static("a", "10.0.0.1:80")]}
    proxy = proxy_of(meshes.captured("envoy.json", {"static_resources": static_resources}))
    assert [str(edge.target) for edge in Graph(proxy).dangling] == ["cluster/gone"]


def test_a_mesh_builds_the_graph_of_a_proxy_once_for_all_that_ask() -> None:
    mesh = mesh_of(dump(bootstrap(), clusters(static("a", "10.0.0.1:80")), routes(table("r", cluster="a"))))
    (only,) = mesh.proxies
    with ThreadPoolExecutor(8) as pool:
        graphs = list(pool.map(lambda _: mesh.graph(only), range(32)))
    assert {id(graph) for graph in graphs} == {id(mesh.graph(only))}
    assert mesh.overlay(()).graph(only) is graphs[0]
    assert graphs[0].edges is graphs[-1].edges


def test_building_a_graph_reports_its_progress_and_can_be_cancelled() -> None:
    hosts = [{"name": f"h{i}", "domains": [f"h{i}"], "routes": [{"match": {"prefix": "/"}}]} for i in range(2000)]
    mesh = mesh_of(
        dump(bootstrap(), clusters(), routes({"name": "r", "virtual_hosts": hosts}, table("s", cluster="a")))
    )
    (only,) = mesh.proxies
    steps: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        steps.append((done, total))

    with pytest.raises(CancelledError):
        mesh.graph(only, Work(progress, lambda: len(steps) > 1))
    assert steps == [(0, 2), (0, 2)]
    assert len(mesh.graph(only, Work(progress)).edges) == 4003
    assert (steps[2], steps[-1]) == ((0, 2), (2, 2))


def test_a_thread_that_waits_for_a_graph_can_be_cancelled() -> None:
    mesh = mesh_of(dump(bootstrap(), clusters(), routes(table("r", cluster="a"))))
    (only,) = mesh.proxies
    is_building, may_go_on = Event(), Event()

    def slow(_done: int, _total: int) -> None:
        is_building.set()
        may_go_on.wait(10)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(mesh.graph, only, Work(slow))
        is_building.wait(10)
        with pytest.raises(CancelledError):
            mesh.graph(only, Work(cancelled=lambda: True))
        may_go_on.set()
        assert first.result(10).edges == mesh.graph(only).edges
