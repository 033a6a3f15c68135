"""A gateway's dump alone: which of its ports is behind a port of its Service."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace

from ...mesh.meshes import bootstrap, captured, dump, http_listener, listeners, manifest, mesh_of, routes

GATEWAY = bootstrap("gw-1.istio-system", kind="router")


def at(listener: dict[str, Any], port: int) -> dict[str, Any]:
    return {**listener, "address": {"socket_address": {"address": "0.0.0.0", "port_value": port}}}  # noqa: S104  # a configuration


def hosts(name: str, *domains: str, port: int | None = None) -> dict[str, Any]:
    ok = {"match": {"prefix": "/"}, "direct_response": {"status": 200}}
    return {
        "name": name,
        "virtual_hosts": [
            {"name": f"{domain}:{port}" if port else domain, "domains": [domain], "routes": [ok]} for domain in domains
        ],
    }


def answered(
    url: str, tables: dict[int, dict[str, Any]], *more: Any, to: str = "", authority: str | None = None
) -> Trace:
    sockets = [at(http_listener(f"l{port}", table["name"]), port) for port, table in tables.items()]
    mesh = mesh_of(dump(GATEWAY, listeners(*sockets), routes(*tables.values())), *more)
    return trace(mesh, Request(dest=url, to=to, authority=authority))


@pytest.mark.parametrize(
    ("url", "tables", "port", "because"),
    [
        (
            "http://shop/",
            {8080: hosts("a", "other"), 9001: hosts("b", "shop", port=80)},
            9001,
            "virtual host shop:80 says so",
        ),
        ("http://shop/", {8080: hosts("a", "shop"), 9001: hosts("b", "*")}, 8080, "as gateways of Istio do"),
        (
            "http://shop/",
            {9000: hosts("a", "other"), 9001: hosts("b", "shop")},
            9001,
            "only listener that serves shop",
        ),
        ("http://shop/", {8080: hosts("a", "other"), 9001: hosts("b", "*.shop")}, 8080, "as gateways of Istio do"),
    ],
)
def test_evidence_goes_before_habit_and_the_answer_says_what_it_takes_for_granted(
    url: str, tables: dict[int, dict[str, Any]], port: int, because: str
) -> None:
    answer = answered(url, tables)
    (hop,) = answer.paths[0].hops
    assert hop.listener == f"l{port}"
    assert any(because in line and f"leads to {port}" in line for line in answer.assumptions)


@pytest.mark.parametrize(
    ("url", "tables"),
    [
        ("http://shop/", {9001: hosts("a", "shop"), 9002: hosts("b", "shop")}),
        ("http://shop:81/", {8080: hosts("a", "other"), 9001: hosts("b", "shop")}),  # it may have no such port at all
    ],
)
def test_where_nothing_says_which_port_it_is_the_answer_is_unknown(url: str, tables: dict[int, dict[str, Any]]) -> None:
    (path,) = answered(url, tables).paths
    assert (path.disposition, path.if_passed) == ("unknown", "no_listener")
    assert "leads port" in path.assuming[0]


def test_what_is_known_is_not_assumed() -> None:
    tables = {8080: hosts("a", "shop", port=80)}
    ports = [{"port": 80, "targetPort": 7777}]
    spec = {"ports": ports, "selector": {"a": "b"}}
    service = captured("svc.json", manifest("Service", "gw", namespace="istio-system", spec=spec))
    pod = captured(
        "pod.json",
        manifest(
            "Pod", "gw-1", namespace="istio-system", metadata={"labels": {"a": "b"}}, status={"podIP": "10.77.0.1"}
        ),
    )
    known = answered("http://shop/", tables, service, pod)
    assert known.paths[0].disposition == "no_listener"
    assert not any("leads to" in line for line in known.assumptions)
    told = answered("http://shop/", tables, to="10.77.0.1:80")
    assert told.paths[0].disposition == "no_listener"
    dialled = answered("http://10.77.0.1/", tables)
    assert (dialled.paths[0].disposition, dialled.assumptions) == ("no_listener", told.assumptions)
    own = answered("http://shop:8080/", tables)
    assert own.paths[0].hops[0].listener == "l8080"
    assert not any("leads to" in line for line in own.assumptions)


def test_the_authority_is_looked_for_not_the_address_that_leads_there() -> None:
    tables = {8080: hosts("a", "other", port=80), 9001: hosts("b", "shop", port=80)}
    (hop,) = answered("http://203.0.113.7/", tables, authority="shop:80").paths[0].hops
    assert hop.listener == "l9001"
