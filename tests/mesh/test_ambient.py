"""Which pods ztunnel captures, and which waypoint a service or a workload has."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.mesh.ambient import BOUND, Ambient
from meshscope.mesh.mesh import Mesh

from .ambient_meshes import (
    AMBIENT,
    BACK,
    FRONT,
    NAME,
    SERVER,
    USES,
    ambient_mesh,
    gateway,
    namespace,
    pod,
    service,
    waypoint,
    ztunnel,
)
from .meshes import bootstrap, captured, dump, mesh_of

OTHER = {"istio.io/use-waypoint": "edge", "istio.io/use-waypoint-namespace": "infra"}
NOT_A = [{"key": "team", "operator": "NotIn", "values": ["a"]}]


def captures(mesh: Mesh, name: str = "store") -> str:
    return Ambient(mesh).captured(next(one for one in mesh.network.pods if one.name == name))


def names(mesh: Mesh, name: str = "store") -> list[str]:
    found = next(one for one in mesh.network.services if one.name == name)
    return [str(one) for one in Ambient(mesh).waypoints_of_service(found)]


def of_pod(mesh: Mesh, name: str = "store") -> list[str]:
    found = next(one for one in mesh.network.pods if one.name == name)
    return [str(one) for one in Ambient(mesh).waypoints_of_workload(found)]


@pytest.mark.parametrize(
    ("metadata", "labels", "is_captured"),
    [
        ({}, AMBIENT, True),
        ({}, {}, False),
        ({"labels": {"istio.io/dataplane-mode": "none"}}, AMBIENT, False),
        ({"labels": AMBIENT}, {}, True),
        ({"annotations": {"ambient.istio.io/redirection": "enabled"}}, {}, True),
        ({"annotations": {"ambient.istio.io/redirection": "disabled"}}, AMBIENT, False),
        ({"annotations": {"sidecar.istio.io/status": "{}"}}, AMBIENT, False),
    ],
)
def test_annotations_and_labels_say_who_is_captured(metadata: Any, labels: Any, *, is_captured: bool) -> None:
    documents = [pod("one", "back", "10.8.0.9", **metadata), namespace("back", **labels)]
    mesh = mesh_of(*(captured(f"{i}.json", value) for i, value in enumerate(documents)))
    assert bool(captures(mesh, "one")) == is_captured


def test_a_pod_whose_own_envoy_was_captured_and_one_on_the_hosts_network_are_not() -> None:
    host = pod("two", "back", "10.8.0.8")
    host["spec"]["hostNetwork"] = True
    documents = [captured(f"{i}.json", value) for i, value in enumerate((pod("one", "back", "10.8.0.9"), host, BACK))]
    mesh = mesh_of(*documents, dump(bootstrap("one.back", "10.8.0.9")))
    assert not captures(mesh, "one")
    assert not captures(mesh, "two")


def test_a_ztunnels_dump_knows_better_than_labels() -> None:
    assert captures(ambient_mesh(ztunnel=ztunnel())) == "HBONE in a ztunnel's dump"
    assert not captures(ambient_mesh(BACK, ztunnel=ztunnel(protocol="TCP")))


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([namespace("back", **USES)], ["back/edge"]),
        ([namespace("back", **USES), service(**{"istio.io/use-waypoint": "none"})], []),
        ([service(**USES)], ["back/edge"]),
        ([service(**{"istio.io/use-waypoint": "other"}), namespace("back", **USES)], ["back/other"]),
        ([], []),
        ([service(**OTHER)], ["infra/edge"]),
        ([service(**OTHER), gateway(where="infra")], []),
        ([service(**OTHER), gateway(where="infra", allowed={"from": "All"})], ["infra/edge"]),
        (
            [
                service(**OTHER),
                namespace("back", team="a"),
                gateway(where="infra", allowed={"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}),
            ],
            ["infra/edge"],
        ),
        (
            [
                service(**OTHER),
                namespace("back", team="b"),
                gateway(where="infra", allowed={"from": "Selector", "selector": {"matchLabels": {"team": "a"}}}),
            ],
            [],
        ),
        (
            [
                service(**OTHER),
                namespace("back", team="b"),
                gateway(where="infra", allowed={"from": "Selector", "selector": {"matchExpressions": NOT_A}}),
            ],
            ["infra/edge"],
        ),
        (
            [
                service(**OTHER),
                namespace("back", team="a"),
                gateway(where="infra", allowed={"from": "Selector", "selector": {"matchExpressions": NOT_A}}),
            ],
            [],
        ),
        ([service(**OTHER), gateway(where="infra", allowed={"from": "Selector"})], []),
        ([service(**USES), gateway(**{"istio.io/waypoint-for": "workload"})], []),
        ([service(**USES), gateway(**{"istio.io/waypoint-for": "none"})], []),
        ([service(**USES), gateway(**{"istio.io/waypoint-for": "all"})], ["back/edge"]),
        ([service(**USES, **{NAME: "edge"})], []),
        ([service(status={"conditions": [{"type": BOUND, "status": "False"}]}, **USES)], []),
        ([service(status={"conditions": [{"type": BOUND, "status": "True"}]}, **USES)], ["back/edge"]),
    ],
)
def test_labels_name_a_services_waypoint_and_its_gateway_may_refuse(objects: list[Any], expected: list[str]) -> None:
    own = [] if any(one["kind"] == "Service" for one in objects) else [service()]
    assert names(ambient_mesh(*objects, *own)) == expected


@pytest.mark.parametrize(("waypoint_for", "expected"), [("service", []), ("workload", ["back/edge"]), ("", [])])
def test_a_pods_own_address_has_a_waypoint_for_workloads_alone(waypoint_for: str, expected: list[str]) -> None:
    labels = {"istio.io/waypoint-for": waypoint_for} if waypoint_for else {}
    assert of_pod(ambient_mesh(BACK, gateway(**labels))) == expected


def test_a_pod_that_is_not_captured_has_none() -> None:
    assert of_pod(ambient_mesh(namespace("back", **USES), gateway(**{"istio.io/waypoint-for": "all"}))) == []


def test_the_envoys_of_a_waypoint_are_found_by_their_gateways_name() -> None:
    mesh = ambient_mesh(BACK, service(), proxy=waypoint())
    (found,) = Ambient(mesh).waypoints_of_service(mesh.network.services[0])
    assert [proxy.name for proxy in found.proxies] == ["edge-0.back"]
    other = ambient_mesh(BACK, service(), proxy=waypoint(name="another"))
    assert Ambient(other).waypoints_of_service(other.network.services[0])[0].proxies == ()


@pytest.mark.parametrize(
    "documents",
    [
        [gateway(klass="agentgateway-waypoint")],
        [pod("edge-0", "back", "10.8.0.3", "cr.dev/agentgateway:v1", labels={NAME: "edge"})],
    ],
)
def test_a_waypoint_of_another_data_plane_is_named(documents: list[Any]) -> None:
    mesh = ambient_mesh(BACK, service(), *documents)
    assert Ambient(mesh).waypoints_of_service(mesh.network.services[0])[0].data_plane == "agentgateway"


def test_the_dump_names_waypoints_by_host_or_address_and_weighs_them() -> None:
    edge = service("edge", "10.9.0.2")
    for destination in ("back/edge.back.svc.cluster.local", "n/10.9.0.2"):
        mesh = ambient_mesh(edge, FRONT, proxy=waypoint(), ztunnel=ztunnel(waypoint=destination))
        (found,) = Ambient(mesh).waypoints_of_service(mesh.network.service_at("10.9.0.1") or mesh.network.services[0])
        assert (str(found), [proxy.name for proxy in found.proxies]) == ("back/edge", ["edge-0.back"])
    weighted = [
        {"destination": {"destination": f"back/{name}.back.svc.cluster.local"}, "weight": w}
        for name, w in (("a", 3), ("b", 1), ("c", 0))
    ]
    mesh = ambient_mesh(ztunnel=ztunnel(weightedWaypoints=weighted))
    found_all = Ambient(mesh).waypoints_of_service(mesh.network.services[0])
    assert [(one.name, one.weight) for one in found_all] == [("a", 3), ("b", 1)]


def test_without_a_waypoint_in_the_dump_labels_do_not_count() -> None:
    assert names(ambient_mesh(BACK, service(), ztunnel=ztunnel())) == []


def test_identities_are_of_the_dumps_trust_domain() -> None:
    mesh = ambient_mesh(ztunnel=ztunnel())
    client = next(one for one in mesh.network.pods if one.name == "till")
    assert Ambient(mesh).identity(client, "cluster.local") == "spiffe://corp/ns/front/sa/till"
    assert Ambient(ambient_mesh()).identity(client, "cluster.local") == "spiffe://cluster.local/ns/front/sa/till"


def test_policies_in_force_are_the_named_ones_and_those_of_its_namespace_and_of_all() -> None:
    mesh = ambient_mesh(ztunnel=ztunnel())
    server = mesh.network.pod_at(SERVER)
    assert server
    assert Ambient(mesh).policies_on(server) == ("back/no", "istio-system/wide")
