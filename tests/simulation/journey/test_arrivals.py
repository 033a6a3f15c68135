"""Where connections arrive that no pod's address leads to: at the sockets of plain Envoys, or at nothing that is known."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path
from meshscope.snapshot.snapshot import Captured

from ...mesh.meshes import (
    at,
    bootstrap,
    captured,
    clusters,
    dump,
    listeners,
    manifest,
    mesh_of,
    routes,
    static,
    table,
    tcp_listener,
)

BACK = "10.0.0.2:8443"
POD = manifest("Pod", "app-1", status={"podIP": "10.0.0.7", "phase": "Running"})


def envoy(name: str, socket: str, upstream: str = "10.9.9.9:80", **more: Any) -> Captured:
    """An Envoy without a node that passes on what arrives at a socket."""
    listener = {**tcp_listener("l", "up"), **at(socket), **more}
    return dump(listeners(listener), clusters(static("up", upstream)), name=f"{name}.json")


def path_to(mesh: Mesh, to: str, source: str = "") -> Path:
    (path,) = trace(mesh, Request(source=source, to=to, protocol="tcp")).paths
    return path


def hops(path: Path) -> list[str]:
    return [hop.proxy for hop in path.hops]


@pytest.mark.parametrize("socket", ["10.0.0.1:8080", "127.0.0.1:8080", "[fd00::1]:8080"])
def test_a_listener_bound_to_the_address_takes_the_connection(socket: str) -> None:
    host = socket.rpartition(":")[0].strip("[]")
    mesh = mesh_of(envoy("front", f"{host}:8080"), envoy("other", "10.0.0.3:8080"))
    path = path_to(mesh, socket)
    assert (hops(path), path.disposition) == (["front"], Disposition.DELIVERED)


def test_an_upstream_that_is_a_listener_of_another_envoy_is_the_next_hop() -> None:
    mesh = mesh_of(envoy("front", "10.0.0.1:8080", BACK), envoy("back", BACK), envoy("other", "10.0.0.3:8443"))
    assert hops(path_to(mesh, "10.0.0.1:8080")) == ["front", "back"]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([envoy("back", "10.0.0.2:8444")], id="another port"),
        pytest.param([envoy("back", "0.0.0.0:8443")], id="any address"),
        pytest.param([envoy("back", BACK, bind_to_port=False)], id="not bound"),
        pytest.param([envoy("back", BACK), envoy("twin", BACK)], id="two of them"),
    ],
)
def test_an_upstream_that_is_not_surely_a_listener_of_another_one_is_not_followed(others: list[Captured]) -> None:
    path = path_to(mesh_of(envoy("front", "10.0.0.1:8080", BACK), *others), "10.0.0.1:8080")
    assert (hops(path), path.disposition) == (["front"], Disposition.DELIVERED)


def test_loopback_is_of_no_single_host_where_istios_proxies_are_captured_too() -> None:
    mesh = mesh_of(envoy("front", "127.0.0.1:8080"), dump(bootstrap("pod-1.shop", "10.0.0.5"), name="sidecar.json"))
    assert path_to(mesh, "127.0.0.1:8080").disposition is Disposition.UNKNOWN


def test_what_no_proxy_can_have_seen_is_unknown_and_the_nearest_socket_is_named() -> None:
    mesh = mesh_of(envoy("front", "10.0.0.1:8080"), envoy("back", BACK))
    path = path_to(mesh, "10.9.9.9:8443")
    assert (path.disposition, path.if_passed, path.hops) == (Disposition.UNKNOWN, Disposition.DELIVERED, ())
    assert path.assuming == (
        "something answers at 10.9.9.9:8443, which is of nothing in this input; back listens at 10.0.0.2:8443",
    )
    assert path_to(mesh, "10.9.9.9:1").assuming == (
        "something answers at 10.9.9.9:1, which is of nothing in this input",
    )


def test_a_pod_without_a_proxy_gets_what_is_sent_to_it() -> None:
    mesh = mesh_of(envoy("front", "10.0.0.1:8080"), envoy("back", BACK), captured("pod.json", POD))
    path = path_to(mesh, "10.0.0.7:80")
    assert (path.disposition, path.hops) == (Disposition.DELIVERED, ())


def test_a_route_table_of_which_nothing_else_was_captured_is_asked_alone() -> None:
    one, two = table("80", cluster="up"), table("81", cluster="up")
    (path,) = trace(mesh_of(dump(routes(one), name="routes.json")), Request(dest="http://a.example/")).paths
    assert (path.disposition, path.hops[0].cluster) == (Disposition.UNKNOWN, "up")
    assert path.assuming[0] == "the request reaches route configuration 80: nothing else of routes was captured"
    for more in (dump(routes(one, two)), dump(routes(one), listeners())):  # which table, and whether any, is not known
        (path,) = trace(mesh_of(more), Request(dest="http://a.example/")).paths
        assert path.hops[0].cluster is None


def test_an_endpoint_of_a_service_is_known_without_its_pod() -> None:
    service = manifest("Service", "app", spec={"clusterIP": "10.96.0.9", "ports": [{"name": "tcp", "port": 80}]})
    slice_ = manifest("EndpointSlice", "app-1", "discovery.k8s.io", metadata={"labels": {"kubernetes.io/service-name": "app"}},
                      ports=[{"name": "tcp", "port": 80}],
                      endpoints=[{"addresses": ["10.0.0.8"], "conditions": {"ready": True}}])  # fmt: skip
    mesh = mesh_of(envoy("front", "10.0.0.1:8080"), envoy("back", BACK), captured("k.json", {
        "apiVersion": "v1", "kind": "List", "items": [service, slice_]}))  # fmt: skip
    path = path_to(mesh, "10.96.0.9:80")
    assert (path.disposition, path.hops) == (Disposition.DELIVERED, ())


def test_another_envoy_at_a_loopback_address_is_the_next_hop_if_it_is_on_the_same_host() -> None:
    mesh = mesh_of(envoy("front", "10.0.0.1:8080", "127.0.0.1:9000"), envoy("back", "127.0.0.1:9000"))
    path = path_to(mesh, "10.0.0.1:8080")
    assert (hops(path), path.disposition) == (["front", "back"], Disposition.UNKNOWN)
    assert path.assuming == ("front and back, which listens at 127.0.0.1:9000, are on one host",)
    assert path_to(mesh, "127.0.0.1:9000").disposition is Disposition.DELIVERED, "the question names it"


def test_envoys_that_listen_on_loopback_alone_are_on_one_host() -> None:
    mesh = mesh_of(envoy("front", "127.0.0.3:8080", "127.0.0.2:9000"), envoy("back", "127.0.0.2:9000"))
    path = path_to(mesh, "127.0.0.3:8080")
    assert (hops(path), path.disposition, path.assuming) == (["front", "back"], Disposition.DELIVERED, ())
    assert path.hops[1].steps[0].because == "front and back listen on loopback alone: they are on one host"
