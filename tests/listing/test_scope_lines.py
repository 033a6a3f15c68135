from __future__ import annotations

from typing import Any

import pytest

from meshscope.listing.describe import describe
from meshscope.listing.registry import kind_named
from meshscope.listing.scope import ROUTES, scope_of
from meshscope.listing.scope_lines import Line, ScopeLines, object_of
from meshscope.listing.selection import Selection
from meshscope.mesh.graph import Node, cluster, listener, route_config
from meshscope.mesh.mesh import Mesh
from tests.mesh.meshes import (
    assignment,
    bootstrap,
    clusters,
    dump,
    eds,
    endpoints,
    http_listener,
    listeners,
    mesh_of,
    recorded,
    routes,
    static,
    table,
    tcp_listener,
)


def lines(*sections: dict[str, Any]) -> ScopeLines:
    mesh = mesh_of(dump(bootstrap(), *sections))
    return ScopeLines(mesh, mesh.proxies[0], scope_of(mesh, mesh.proxies[0]))


def with_routes(*bodies: dict[str, Any], domains: tuple[str, ...] = ("a.example",)) -> dict[str, Any]:
    return routes({"name": "r", "virtual_hosts": [{"name": "vh", "domains": domains, "routes": list(bodies)}]})


def route_line(**body: Any) -> Line:
    return lines(with_routes({"match": {"prefix": "/"}, **body})).line(Node("route", ("r", "vh", 0)))


def test_a_listener_has_its_address_unless_its_name_says_it() -> None:
    made = lines(listeners(tcp_listener("0.0.0.0_80", "a"), tcp_listener("l", "a")))
    assert made.line(listener("0.0.0.0_80")).facts == ()
    assert made.line(listener("l")).facts == (":80",)


def test_a_chain_has_its_index_its_protocol_and_its_match() -> None:
    match = {"filter_chain_match": {"destination_port": 80}}
    made = lines(listeners(tcp_listener("l", "a", **match), http_listener("m", "r")))
    assert made.line(Node("filterchain", ("l", 0))) == Line(label="0 TCP", facts=(":80",))
    assert made.line(Node("filterchain", ("m", 0))) == Line(label="0 HTTP")


def test_the_match_of_a_chain_is_in_few_words() -> None:
    def facts(**match: Any) -> tuple[str, ...]:
        return (
            lines(listeners(tcp_listener("l", "a", filter_chain_match=match))).line(Node("filterchain", ("l", 0))).facts
        )

    assert facts(transport_protocol="raw_buffer", application_protocols=["http/1.1"]) == ("plain text", "http/1.1")
    assert facts(transport_protocol="tls", application_protocols=["istio", "istio-h2"]) == ("TLS", "istio ALPN")
    assert facts(server_names=["a.example"], source_type="EXTERNAL") == ("a.example", "SrcType EXTERNAL")


def test_a_route_of_any_path_has_its_conditions_alone() -> None:
    def facts(prefix: str, *names: str) -> tuple[str, ...]:
        headers = [{"name": name, "present_match": True} for name in names]
        return route_line(match={"prefix": prefix, "headers": headers}, route={"cluster": "a"}).facts

    assert facts("/") == ("/*",)
    assert len(facts("/", "x-a")) == 1
    assert "x-a" in facts("/", "x-a")[0]
    assert facts("/api", "x-a")[0] == "/api*"


def test_a_route_has_its_index_name_and_match() -> None:
    line = route_line(name="canary", match={"prefix": "/api"}, route={"cluster": "a"})
    assert line == Line(label="0 canary", facts=("/api*",), depth=2)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"redirect": {"https_redirect": True}}, "redirect"),
        ({"direct_response": {"status": 404}}, "answer 404"),
        ({"route": {"cluster_header": "x-to"}}, "header x-to"),
    ],
)
def test_a_route_that_names_no_cluster_says_what_it_does(body: dict[str, Any], answer: str) -> None:
    assert route_line(**body).facts[1].startswith(answer)
    assert len(route_line(route={"cluster": "a"}).facts) == 1


def test_a_virtual_host_has_its_domain_unless_its_name_says_it() -> None:
    def facts(*domains: str) -> tuple[str, ...]:
        return lines(with_routes(domains=domains)).line(Node("virtual_host", ("r", "vh"))).facts

    assert facts("a.example", "b.example") == ("a.example",)
    assert facts("vh") == facts("a.example", "vh") == ()


def test_a_cluster_of_istios_has_subset_and_port_beside_its_host() -> None:
    name = "outbound|9080|v1|reviews.default.svc.cluster.local"
    line = lines(clusters(eds(name))).line(cluster(name))
    assert (line.label, line.facts) == ("reviews.default.svc.cluster.local", ("v1", "9080"))


@pytest.mark.parametrize(
    ("name", "type_", "role"),
    [
        ("BlackHoleCluster", "STATIC", ("black hole",)),
        ("PassthroughCluster", "ORIGINAL_DST", ("passthrough",)),
        ("InboundPassthroughClusterIpv4", "ORIGINAL_DST", ("passthrough",)),
        ("mine", "ORIGINAL_DST", ("original destination",)),
        ("mine", "STATIC", ()),
    ],
)
def test_clusters_that_are_no_service_are_named_as_what_they_are(name: str, type_: str, role: tuple[str, ...]) -> None:
    assert lines(clusters({"name": name, "type": type_})).line(cluster(name)).facts == role


def test_what_does_not_exist_is_said_in_words() -> None:
    made = lines(
        listeners(http_listener("l", "gone"), tcp_listener("m", "lost")),
        routes(table("r", cluster="outbound|80|v1|reviews")),
        clusters(eds("a")),
        endpoints(),
    )
    missing = {node: made.line(node) for column in made.scope.columns for node in column if not made.scope.exists(node)}
    assert not any(line.exists for line in missing.values())
    assert {node: line.trouble for node, line in missing.items()} == {
        route_config("gone"): "no such route table",
        cluster("lost"): "no such cluster",
        cluster("outbound|80|v1|reviews"): "no such cluster",
        Node("endpoints", ("a",)): "no endpoints assigned",
    }
    assert missing[cluster("outbound|80|v1|reviews")].label == "reviews"


def test_an_endpoint_has_its_health() -> None:
    unhealthy = assignment("b", "10.0.0.2:80")
    unhealthy["endpoints"][0]["lb_endpoints"][0]["health_status"] = "UNHEALTHY"
    made = lines(clusters(eds("a"), eds("b")), endpoints(assignment("a", "10.0.0.1:80"), unhealthy))
    well, sick = made.line(Node("endpoint", ("a", "10.0.0.1:80"))), made.line(Node("endpoint", ("b", "10.0.0.2:80")))
    assert (well.is_well, well.trouble) == (True, "")
    assert (sick.is_well, sick.trouble) == (False, "unhealthy")


def weights(*shares: tuple[int, int]) -> tuple[str, ...]:
    """Of cluster `a` in routes that divide between `a` and `b`."""
    bodies = [
        {
            "match": {"prefix": "/"},
            "route": {"weighted_clusters": {"clusters": [{"name": "a", "weight": a}, {"name": "b", "weight": b}]}},
        }
        for a, b in shares
    ]
    made = lines(with_routes(*bodies), clusters(static("a"), static("b")))
    return made.routes.weights(cluster("a"), range(len(made.scope.columns[ROUTES])))


def test_a_weight_is_a_share_of_the_sum() -> None:
    assert weights((90, 10)) == ("90%",)
    assert weights((1, 2)) == ("33.3%",)
    assert weights((0, 0)) == ()
    assert weights((90, 10), (50, 50), (9, 1)) == ("90%", "50%")
    assert weights(*[(90, 10)] * 17) == ()


def test_only_the_routes_that_are_left_count_for_a_weight() -> None:
    made = lines(with_routes({"match": {"prefix": "/"}, "route": {"cluster": "a"}}), clusters(static("a")))
    assert made.routes.weights(cluster("a"), range(3)) == ()
    mesh: Mesh = recorded("bookinfo")
    proxy = next(each for each in mesh.proxies if each.name.startswith("productpage"))
    recorded_lines = ScopeLines(mesh, proxy, scope_of(mesh, proxy))
    v1 = cluster("outbound|9080|v1|reviews.default.svc.cluster.local")
    of_v1 = recorded_lines.scope.narrowed(v1)[ROUTES]
    assert recorded_lines.routes.weights(v1, of_v1) == ("90%",)
    assert recorded_lines.routes.weights(v1, []) == ()


def test_a_line_is_searched_by_its_label_its_facts_and_its_trouble() -> None:
    assert (
        Line(label="reviews", facts=("v1", "9080"), trouble="no such cluster").text == "reviews v1 9080 no such cluster"
    )


def test_describe_finds_every_existing_node_of_a_recording() -> None:
    mesh: Mesh = recorded("bookinfo")
    proxy = mesh.proxies[0]
    scope = scope_of(mesh, proxy)
    made = ScopeLines(mesh, proxy, scope)
    for node in (each for column in scope.columns for each in column if scope.exists(each)):
        kind, name = object_of(node)
        assert made.line(node).label
        if name:
            assert describe(mesh, kind_named(kind), Selection(proxy=proxy.name, name=name)), node
