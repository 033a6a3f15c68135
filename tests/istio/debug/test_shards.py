from __future__ import annotations

import json

import pytest
from msgspec import Raw

from meshscope.istio.debug.endpointz import read_endpointz
from meshscope.istio.debug.shards import RegisteredEndpoint, read_shards

from ..documents import value

NGINX = "nginx-service.default.svc.cluster.local"


def shards(line: str) -> tuple[RegisteredEndpoint, ...]:
    found, problems = read_shards(value(line, "endpointShardz.json"), "endpointShardz")
    assert problems == ()
    return found


@pytest.mark.parametrize("line", ["1.4", "1.14"])
def test_the_array_of_old_releases_holds_the_same_endpoints(line: str) -> None:
    old, problems = read_endpointz(value(line, "endpointz.json"), "endpointz")
    assert problems == ()
    seen = {(e.host, e.namespace, e.registry, e.addresses, e.port, e.port_name, e.tls_mode, e.labels) for e in old}
    known = {
        (e.host, e.namespace, e.registry, e.addresses, e.port, e.port_name, e.tls_mode, e.labels) for e in shards(line)
    }
    assert seen == known


@pytest.mark.parametrize(("line", "health"), [("1.4", ""), ("1.14", "HEALTHY")])
def test_an_endpoint_of_an_old_release_is_complete(line: str, health: str) -> None:
    (nginx,) = [endpoint for endpoint in shards(line) if endpoint.host == NGINX]
    assert (nginx.namespace, nginx.registry) == ("default", "Kubernetes")
    assert (nginx.addresses, nginx.port, nginx.port_name) == (("10.20.1.10",), 80, "http")
    assert (nginx.tls_mode, nginx.health) == ("istio", health)
    assert nginx.service_account.startswith("spiffe://cluster.local/ns/default/sa/")


def test_an_endpoint_of_today_says_where_it_runs() -> None:
    app = next(endpoint for endpoint in shards("1.32") if endpoint.host == "app.default.svc.cluster.local")
    assert (app.mesh_cluster, app.addresses, app.port) == ("Kubernetes", ("10.20.0.10",), 8080)
    assert (app.locality, app.node, app.workload) == ("region-1/zone-a/", "node-a", "app-v1-fb32c2bdcf-06e4d")
    assert (app.health, app.tls_mode) == ("HEALTHY", "istio")


def test_a_static_endpoint_has_no_health_of_its_own() -> None:
    static = [endpoint for endpoint in shards("1.32") if endpoint.registry == "External"]
    assert {endpoint.health for endpoint in static} == {"UNKNOWN"}
    assert {endpoint.tls_mode for endpoint in static} == {"disabled", "istio"}


@pytest.mark.parametrize(
    ("endpoint", "health"),
    [
        ({"HealthStatus": 1}, "HEALTHY"),
        ({"HealthStatus": 2}, "UNHEALTHY"),
        ({"HealthStatus": 4}, "TERMINATING"),
        ({"HealthStatus": 9}, ""),
        ({"HealthStatus": 0, "TunnelAbility": 0}, "HEALTHY"),
        ({"HealthStatus": 1, "TunnelAbility": 0}, "UNHEALTHY"),
        ({}, ""),
        ({"EnvoyEndpoint": {"health_status": 2}}, "UNHEALTHY"),
    ],
)
def test_health_is_envoys_word_for_each_releases_number(endpoint: dict[str, object], health: str) -> None:
    body = {"a.example": {"shop": {"Shards": {"Kubernetes/east": [endpoint]}}}}
    (found,), _ = read_shards(Raw(json.dumps(body).encode()), "endpointShardz")
    assert (found.health, found.mesh_cluster) == (health, "east")


def test_a_bad_endpoint_is_a_problem_beside_the_others() -> None:
    body = {
        "a.example": {
            "shop": {"Shards": {"Kubernetes/east": [{"Addresses": "x"}, {"Addresses": ["10.0.0.1"]}]}},
            "b": 1,
        }
    }
    found, problems = read_shards(Raw(json.dumps(body).encode()), "endpointShardz")
    assert [endpoint.addresses for endpoint in found] == [("10.0.0.1",)]
    assert [problem.message.partition(":")[0] for problem in problems] == [
        "a.example.shop.Shards.Kubernetes/east[0]",
        "a.example.b",
    ]
