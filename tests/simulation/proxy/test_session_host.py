"""The host that a session names; each row is the answer of an Envoy 1.40."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path

from ...mesh.meshes import NETWORK, at, bootstrap, clusters, dump, listener, listeners, mesh_of

FILTERS = "type.googleapis.com/envoy.extensions.filters.http."
STATE = "type.googleapis.com/envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState"
ROUTER = {"name": "r", "typed_config": {"@type": f"{FILTERS}router.v3.Router"}}


def host(number: int, health: str = "HEALTHY", version: str = "1") -> dict[str, Any]:
    metadata = {"filter_metadata": {"envoy.lb": {"v": version}}}
    return {"endpoint": at(f"10.1.0.{number}:80"), "health_status": health, "metadata": metadata}


HOSTS = [host(1), host(2, version="2"), host(3, "UNHEALTHY"), host(4, "DEGRADED"), host(5, "DRAINING")]
SECOND = [host(6)]


def path_of(named: int, *, strict: bool = False, **cluster: Any) -> Path:
    keeps = {
        "@type": f"{FILTERS}stateful_session.v3.StatefulSession",
        "strict": strict,
        "session_state": {"name": "s", "typed_config": {"@type": STATE, "name": "x-session"}},
    }
    route = {"match": {"prefix": "/"}, "route": {"cluster": "up"}}
    manager = {
        "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "http_filters": [{"name": "s", "typed_config": keeps}, ROUTER],
        "route_config": {"name": "t", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]},
    }
    groups = [{"lb_endpoints": HOSTS}, {"lb_endpoints": SECOND, "priority": 1}]
    up = {"name": "up", "type": "STATIC", "load_assignment": {"cluster_name": "up", "endpoints": groups}, **cluster}
    value = b64encode(f"10.1.0.{named}:80".encode()).decode()
    request = Request(dest="http://a.example/", to="10.77.0.1:80", listener="l", headers=(("x-session", value),))
    mesh = mesh_of(dump(bootstrap(kind="router"), listeners(listener("l", manager)), clusters(up)))
    return trace(mesh, request).paths[0]


def served(path: Path) -> list[str]:
    return [one.address.removeprefix("10.1.0.").removesuffix(":80") for one in path.hops[-1].endpoints or ()]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("named", "cluster"),
    [
        (1, {}),
        (4, {}),
        (6, {}),
        (3, {"common_lb_config": {"override_host_status": {"statuses": ["UNHEALTHY"]}}}),
        (2, {"lb_policy": "RING_HASH"}),
        (2, {"lb_subset_config": {"fallback_policy": "NO_FALLBACK", "subset_selectors": [{"keys": ["v"]}]}}),
    ],
)
def test_the_named_host_serves_whatever_priority_subset_or_policy(named: int, cluster: Any, *, strict: bool) -> None:
    path = path_of(named, strict=strict, **cluster)
    assert (path.disposition, served(path), path.assuming) == ("delivered", [str(named)], ())
    assert all(one.name != f"10.1.0.{named}:80" for step in path.hops[-1].steps for one in step.rejected)


@pytest.mark.parametrize(
    ("named", "cluster", "because"),
    [
        (9, {}, "which is no host of it"),
        (3, {}, "whose health UNHEALTHY is not allowed"),
        (5, {}, "whose health DRAINING is not allowed"),
        (1, {"common_lb_config": {"override_host_status": {}}}, "whose health HEALTHY is not allowed"),
        (
            4,
            {"common_lb_config": {"override_host_status": {"statuses": ["HEALTHY"]}}},
            "health DEGRADED is not allowed",
        ),
    ],
)
def test_another_host_or_with_strict_none_serves_for_one_that_may_not(named: int, cluster: Any, because: str) -> None:
    path = path_of(named, **cluster)
    assert (path.disposition, served(path) == [str(named)]) == ("delivered", False)
    refused = path_of(named, strict=True, **cluster)
    assert refused.response is not None
    assert (refused.response.code, refused.response.flags, refused.response.details) == (
        503,
        "UH",
        "no_healthy_upstream",
    )
    assert because in refused.hops[-1].steps[-1].because


def test_a_cluster_that_finds_its_hosts_itself_may_have_the_named_one() -> None:
    path = path_of(1, type="ORIGINAL_DST", lb_policy="CLUSTER_PROVIDED", load_assignment={})
    assert path.assuming == ("10.1.0.1:80, which the session names, is no host of up",)
