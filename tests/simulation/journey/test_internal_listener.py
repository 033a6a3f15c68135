"""Clusters whose endpoints are internal listeners of the same Envoy."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey import way
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path

from ...mesh.meshes import NETWORK, at, clusters, dump, listeners, mesh_of, static

ROUTER = {"name": "r", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}


def to_http(cluster: str, prefix: str = "/", **action: Any) -> dict[str, Any]:
    route = {"match": {"prefix": prefix}, "route": {"cluster": cluster, **action}}
    table = {"name": "t", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]}
    config = {"@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager", "route_config": table}
    return {"filters": [{"name": "h", "typed_config": {**config, "http_filters": [ROUTER]}}]}


def to_tcp(cluster: str) -> dict[str, Any]:
    return {
        "filters": [{"name": "t", "typed_config": {"@type": f"{NETWORK}.tcp_proxy.v3.TcpProxy", "cluster": cluster}}]
    }


def internal(name: str, chain: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "internal_listener": {}, "filter_chains": [chain]}


def into(name: str, listener: str) -> dict[str, Any]:
    host = {"endpoint": {"address": {"envoy_internal_address": {"server_listener_name": listener}}}}
    return {"name": name, "type": "STATIC", "load_assignment": {"endpoints": [{"lb_endpoints": [host]}]}}


def path_through(first: dict[str, Any], *inside: dict[str, Any], request: Request | None = None) -> Path:
    entry = {"name": "entry", **at("10.0.0.1:80"), "filter_chains": [first]}
    every = clusters(into("in", "one"), into("next", "two"), into("gone", "nope"), static("app", "10.9.0.1:80"))
    mesh = mesh_of(dump(listeners(entry, *inside), every))
    (path,) = trace(mesh, request or Request(dest="http://a/", to="10.0.0.1:80")).paths
    return path


TCP = Request(to="10.0.0.1:80", protocol="tcp")


def test_a_request_goes_on_at_the_internal_listener() -> None:
    path = path_through(to_http("in"), internal("one", to_http("app")))
    assert path.disposition == "delivered"
    assert [hop.listener for hop in path.hops] == ["entry", "one"]
    assert path_through(to_http("in"), internal("one", to_http("app", "/else"))).disposition == "no_route"


@pytest.mark.parametrize("chain", [to_http("next"), to_tcp("next")])
def test_two_in_a_row_are_no_loop(chain: dict[str, Any]) -> None:
    path = path_through(to_http("in"), internal("one", chain), internal("two", to_http("app")))
    assert (path.disposition, len(path.hops)) == ("delivered", 3)


def test_one_that_leads_to_itself_is_a_loop() -> None:
    assert path_through(to_http("in"), internal("one", to_tcp("in"))).disposition == "loop"


@pytest.mark.parametrize(
    ("retries", "flags"),
    [
        ({}, "UF"),
        ({"retry_policy": {"retry_on": "5xx"}}, "URX,UF"),
        ({"retry_policy": {"retry_on": "retriable-4xx"}}, "UF"),
        ({"retry_policy": {"retry_on": "5xx", "num_retries": 0}}, "UF"),
    ],
)
def test_one_that_is_not_there_is_503_with_its_name(retries: dict[str, Any], flags: str) -> None:
    path = path_through(to_http("gone", **retries))
    assert path.response is not None
    assert (path.disposition, path.response.code, path.response.flags) == ("no_listener", 503, flags)
    assert "envoy://nope/" in path.response.details
    assert "nope" in path.hops[-1].steps[-1].because


def test_a_tcp_proxy_closes_where_it_is_not_there() -> None:
    path = path_through(to_tcp("gone"), request=TCP)
    assert path.response is not None
    assert (path.disposition, path.response.code, path.response.flags) == ("no_listener", 0, "UF,URX")


@pytest.mark.parametrize(("many", "expected"), [(3, {"loop"}), (12, {"loop", "unknown"})])
def test_hosts_that_lead_to_each_other_are_followed_to_a_bound(
    many: int, expected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve of them have hundreds of millions of ways."""
    monkeypatch.setattr(way, "MAX_VISITS", 300)
    entry = {"name": "entry", **at("10.0.0.1:80"), "filter_chains": [to_http("all")]}
    hosts = [into("all", f"l{number}")["load_assignment"]["endpoints"][0]["lb_endpoints"][0] for number in range(many)]
    every = {**into("all", ""), "load_assignment": {"endpoints": [{"lb_endpoints": hosts}]}}
    inside = [internal(f"l{number}", to_tcp("all")) for number in range(many)]
    mesh = mesh_of(dump(listeners(entry, *inside), clusters(every)))
    for _ in range(2):  # the bound is of one request
        paths = trace(mesh, Request(dest="http://a/", to="10.0.0.1:80"), max_paths=10_000).paths
        assert {path.disposition for path in paths} == expected
        unknown = [path for path in paths if path.disposition == "unknown"]
        assert all("this way goes on" in " ".join(path.assuming) for path in unknown)
        assert sum(path.probability or 0 for path in paths) == pytest.approx(1)
