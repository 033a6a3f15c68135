"""Hosts of the cluster set: ServiceImports, routes and rules that lead to them, and inputs that do not tell."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State

from ...mesh.meshes import bootstrap, clusters, dump, http_listener, listeners, manifest, routes
from ..gateway_api.small_mesh import (
    SIDECAR,
    cluster,
    envoy_route,
    gateway,
    gateway_dump,
    judged,
    mesh,
    prefix,
    route,
    rule,
    virtual_host,
)
from ..test_gateway_api_flags import istiod

Json = Any
IN, PARTLY, NOT, UNKNOWN = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT, State.UNKNOWN
GROUP, FLAG = "multicluster.x-k8s.io", "ENABLE_MCS_HOST"
ON, OFF = istiod({FLAG: "true"}), istiod({})
HOST, FOREIGN = "a.shop.svc.clusterset.local", "far.shop.svc.clusterset.local"
OWN = cluster("a")
SET, FAR = f"outbound|80||{HOST}", f"outbound|80||{FOREIGN}"


def imported(name: str = "a") -> Json:
    spec = {"type": "ClusterSetIP", "ips": ["10.9.0.1"], "ports": [{"port": 80, "name": "http"}]}
    return manifest("ServiceImport", name, GROUP, spec=spec)


def found(ref: str, *objects: Json, made: tuple[str, ...] = (OWN, SET), host: str = HOST) -> dict[str, RuleEffect]:
    """On a sidecar with these clusters, whose route for `host` a VirtualService has made."""
    head = bootstrap("client-1.shop")
    head["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "shop", "LABELS": {}, "ISTIO_VERSION": "1.31.0"}
    config = "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/v"
    own = {
        "match": {"prefix": "/"},
        "metadata": {"filter_metadata": {"istio": {"config": config}}},
        "route": {"cluster": OWN, "timeout": "7s"},
    }
    proxy = dump(
        head,
        listeners(http_listener("0.0.0.0_80", "80")),
        routes({"name": "80", "virtual_hosts": [virtual_host(host, own)]}),
        clusters(*({"name": name} for name in (*made, "PassthroughCluster"))),
        kind="config_dump",
        owner=SIDECAR,
    )
    return {one.rule: one for one in judged(mesh(proxy, objects=objects), ref)}


@pytest.mark.parametrize(
    ("objects", "made", "state", "because"),
    [
        ([imported(), ON], (OWN, SET), IN, f"cluster {SET}"),
        ([imported()], (OWN, SET), IN, ""),
        ([imported(), ON], (OWN,), NOT, f"the proxy has no cluster {SET}"),
        ([imported()], (OWN,), UNKNOWN, f"no proxy has a cluster for {HOST}, and whether istiod's {FLAG} is true"),
        ([imported(), OFF], (OWN, SET), NOT, f"istiod has no hosts of the cluster set: {FLAG} is not true"),
    ],
)
def test_the_clusters_of_its_host(objects: list[Json], made: tuple[str, ...], state: State, because: str) -> None:
    answer = found("ServiceImport shop/a", *objects, made=made)[""]
    assert answer.state is state
    assert because in answer.because


def test_of_a_service_that_only_another_cluster_has_a_proxy_tells() -> None:
    assert found("ServiceImport shop/far", imported("far"), made=(FAR,))[""].state is IN
    answer = found("ServiceImport shop/far", imported("far"), ON, made=())[""]
    assert (answer.state, answer.because) == (UNKNOWN, "its Service shop/far is not in this input")


def virtual_service(host: str = HOST) -> Json:
    spec = {"hosts": [host], "http": [{"timeout": "7s", "route": [{"destination": {"host": "a"}}]}]}
    return manifest("VirtualService", "v", "networking.istio.io", spec=spec)


def destination_rule(host: str = HOST) -> Json:
    policy = {"connectionPool": {"http": {"http2MaxRequests": 7}}}
    return manifest("DestinationRule", "d", "networking.istio.io", spec={"host": host, "trafficPolicy": policy})


def test_a_virtual_service_and_a_destination_rule_of_such_a_host() -> None:
    assert found("VirtualService shop/v", virtual_service(), imported())["http[0]"].state is IN
    assert found("VirtualService shop/v", virtual_service(), imported(), host="b.shop")["http[0]"].state is NOT
    answer = found("DestinationRule shop/d", destination_rule(), imported())["trafficPolicy"]
    assert (answer.state, answer.because) == (PARTLY, "circuit_breakers.max_requests is absent, 7 was expected")
    answer = found("DestinationRule shop/d", destination_rule(), made=(OWN,))["trafficPolicy"]
    assert (answer.state, answer.because) == (NOT, f"no service has the host {HOST}")


@pytest.mark.parametrize(
    ("ref", "object_", "name"),
    [
        ("VirtualService shop/v", virtual_service(FOREIGN), "http[0]"),
        ("DestinationRule shop/d", destination_rule(FOREIGN), "trafficPolicy"),
    ],
)
def test_where_a_proxy_has_a_host_of_which_the_input_has_nothing_nothing_is_claimed(
    ref: str, object_: Json, name: str
) -> None:
    answer = found(ref, object_, made=(FAR,))[name]
    assert answer.state is UNKNOWN
    assert answer.because.startswith(f"{FOREIGN} is a host of the cluster set, and its ServiceImport is not")
    assert found(ref, object_, made=(OWN,))[name].state is NOT


@pytest.mark.parametrize(
    ("objects", "leads_to", "state"),
    [
        ([], OWN, IN),
        ([imported(), OFF], OWN, IN),
        ([imported(), ON], SET, IN),
        ([imported(), ON], OWN, PARTLY),
        ([imported(), OFF], SET, PARTLY),
    ],
)
def test_a_route_leads_to_the_import_s_host_or_to_the_service(objects: list[Json], leads_to: str, state: State) -> None:
    to = {"group": GROUP, "kind": "ServiceImport", "name": "a", "port": 80}
    there = (SET,) if leads_to == SET else ()
    made = gateway_dump(virtual_host("a.example", envoy_route(prefix("/"), cluster=leads_to)), more_clusters=there)
    (answer,) = judged(mesh(made, objects=(gateway(), route(rule("/", to=[to])), *objects)))
    assert answer.state is state
