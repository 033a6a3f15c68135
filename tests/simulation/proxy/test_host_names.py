"""`auto_host_rewrite`: the next proxy sees the name of the host that is chosen; held against an Envoy in tests/oracle."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path, StepKind

from ...mesh.meshes import NETWORK, at, bootstrap, clusters, dump, listener, listeners, mesh_of


def paths_of(action: Any, *hosts: tuple[str, str], kind: str = "STATIC") -> tuple[Path, ...]:
    route = {"match": {"prefix": "/"}, "route": {"cluster": "up", **action}}
    manager = {
        "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "http_filters": [
            {
                "name": "r",
                "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
            }
        ],
        "route_config": {"name": "t", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]},
    }
    members = [{"endpoint": {"address": at(address)["address"], "hostname": name}} for address, name in hosts]
    up = {
        "name": "up",
        "type": kind,
        "load_assignment": {"cluster_name": "up", "endpoints": [{"lb_endpoints": members}]},
    }
    mesh = mesh_of(dump(bootstrap(kind="router"), listeners(listener("l", manager)), clusters(up)))
    return trace(mesh, Request(dest="http://a.example/", to="10.77.0.1:80", listener="l")).paths


def authority(path: Path) -> str:
    return dict(path.hops[-1].request_headers or ())[":authority"]


A, B, BARE = ("10.1.0.1:80", "a.host"), ("10.1.0.2:80", "b.host"), ("10.1.0.3:80", "")
AUTO = {"auto_host_rewrite": True}


@pytest.mark.parametrize(
    ("action", "hosts", "seen"),
    [
        (AUTO, (A, B), {"a.host": (["10.1.0.1:80"], 0.5), "b.host": (["10.1.0.2:80"], 0.5)}),
        (AUTO, (A, BARE), {"a.host": (["10.1.0.1:80"], 0.5), "a.example": (["10.1.0.3:80"], 0.5)}),
        (AUTO, (A, ("10.1.0.9:80", "a.host")), {"a.host": (["10.1.0.1:80", "10.1.0.9:80"], 1.0)}),
        ({}, (A, B), {"a.example": (["10.1.0.1:80", "10.1.0.2:80"], 1.0)}),
    ],
)
def test_each_name_is_a_way_of_its_own(action: Any, hosts: Any, seen: dict[str, tuple[list[str], float]]) -> None:
    paths = paths_of(action, *hosts)
    for path in paths:
        (step,) = (step for step in path.hops[-1].steps if step.kind is StepKind.ENDPOINT)
        assert step.chosen == ", ".join(one.address for one in path.hops[-1].endpoints or ())
    found = {
        authority(path): ([one.address for one in path.hops[-1].endpoints or ()], path.probability) for path in paths
    }
    assert found == seen


@pytest.mark.parametrize(("kind", "name"), [("STRICT_DNS", "10.1.0.3"), ("STATIC", "a.example")])
def test_a_host_of_dns_is_named_by_what_is_resolved(kind: str, name: str) -> None:
    assert [authority(path) for path in paths_of(AUTO, BARE, kind=kind)] == [name]
