"""HTTP rules at a waypoint: the chains of the services that are reached through it, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured, ProxyId

from ...mesh.meshes import NETWORK, bootstrap, captured, dump, listeners, manifest, mesh_of
from ..gateway_api.small_mesh import GROUP

Json = Any
IN, PARTLY, NOT, UNKNOWN = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT, State.UNKNOWN
VIP = "inbound-vip|80|http|{}.shop.svc.cluster.local"
USES = {"istio.io/use-waypoint": "gate"}


def table(*routes: Json, service: str = "a") -> Json:
    name = VIP.format(service)
    hosts = [{"name": "inbound|http|80", "domains": ["*"], "routes": list(routes)}]
    manager = {
        "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "route_config": {"name": name, "virtual_hosts": hosts},
    }
    return {"name": name, "filters": [{"name": "hcm", "typed_config": manager}]}


def routed(
    cluster: str, name: str = "vs", kind: str = "virtual-service", namespace: str = "shop", **match: Json
) -> Json:
    config = f"/apis/networking.istio.io/v1/namespaces/{namespace}/{kind}/{name}"
    metadata = {"filter_metadata": {"istio": {"config": config}}}
    return {"match": match or {"prefix": "/"}, "metadata": metadata, "route": {"cluster": cluster, "timeout": "0s"}}


def waypoint(*chains: Json, version: str = "1.31.0") -> Captured:
    head = bootstrap("gate-1.shop", kind="waypoint")
    labels = {"gateway.networking.k8s.io/gateway-name": "gate"}
    head["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "shop", "LABELS": labels, "ISTIO_VERSION": version}
    internal = {"name": "main_internal", "internal_listener": {}, "filter_chains": list(chains)}
    return dump(head, listeners(internal), kind="config_dump", owner=ProxyId("", "shop", "gate-1"))


def service(name: str, labels: Json = None, port: str = "http") -> Json:
    return manifest("Service", name, metadata={"labels": labels or {}}, spec={"ports": [{"port": 80, "name": port}]})


def virtual_service(to: str, namespace: str = "shop", **match: Json) -> Json:
    rule = {"route": [{"destination": {"host": to}}], **({"match": [match]} if match else {})}
    spec = {"hosts": ["a.shop.svc.cluster.local"], "http": [rule]}
    return manifest("VirtualService", "vs", "networking.istio.io", namespace, spec=spec)


def judged(proxy: Captured, *objects: Json, ref: str = "VirtualService shop/vs") -> RuleEffect:
    one: Mesh = mesh_of(proxy, captured("o.json", {"apiVersion": "v1", "kind": "List", "items": list(objects)}))
    configuration = Configuration(one)
    item = next(each for each in one.objects if str(each) == ref)
    (answer,) = effects(configuration, item, configuration.clients)
    return answer


@pytest.mark.parametrize(
    ("to", "cluster", "state"),
    [
        ("a", VIP.format("a"), IN),
        ("a", VIP.format("b"), PARTLY),
        ("b", VIP.format("b"), IN),
        ("c", "outbound|80||c.shop.svc.cluster.local", IN),
        ("c", VIP.format("c"), PARTLY),
    ],
)
def test_a_service_behind_the_waypoint_has_a_cluster_of_its_own_kind(to: str, cluster: str, state: State) -> None:
    services = (service("a", USES), service("b", USES), service("c"))
    assert judged(waypoint(table(routed(cluster))), *services, virtual_service(to)).state is state


@pytest.mark.parametrize(
    ("labels", "chains", "state", "is_told"),
    [
        (USES, [table(routed(VIP.format("a")))], IN, True),
        ({}, [table(routed(VIP.format("a")))], IN, True),
        (USES, [], NOT, True),
        ({}, [], NOT, False),
        ({"istio.io/use-waypoint": "other"}, [], NOT, False),
    ],
)
def test_a_rule_is_for_waypoints_of_its_services(labels: Json, chains: Json, state: State, is_told: bool) -> None:
    answer = judged(waypoint(*chains), service("a", labels), virtual_service("a"))
    assert answer.state is state
    assert (answer.proxy is not None) is is_told


@pytest.mark.parametrize(("namespace", "state"), [("shop", IN), ("other", NOT)])
def test_rules_of_the_services_namespace_count(namespace: str, state: State) -> None:
    proxy = waypoint(table(routed(VIP.format("a"), namespace=namespace)))
    answer = judged(
        proxy,
        service("a", USES),
        virtual_service("a.shop.svc.cluster.local", namespace),
        ref=f"VirtualService {namespace}/vs",
    )
    assert answer.state is state


@pytest.mark.parametrize(("version", "state"), [("1.25.0", NOT), ("1.24.0", NOT)])
def test_what_asks_for_labels_of_the_source_is_left_out(version: str, state: State) -> None:
    asked = virtual_service("a", sourceLabels={"app": "x"})
    answer = judged(waypoint(table(routed(VIP.format("a"))), version=version), service("a", USES), asked)
    assert answer.state is state
    assert ("leaves out what asks for sourceLabels" in answer.because) is (version == "1.25.0")


def test_a_port_of_connections_has_no_http_rules() -> None:
    answer = judged(waypoint(), service("a", USES, port="tcp"), virtual_service("a"))
    assert answer.because.endswith("port 80 is TCP (its name is tcp)")


def test_rules_for_connections_are_unknown_by_name() -> None:
    spec = {"hosts": ["a.shop.svc.cluster.local"], "tcp": [{"route": [{"destination": {"host": "a"}}]}]}
    own = manifest("VirtualService", "vs", "networking.istio.io", spec=spec)
    answer = judged(waypoint(table()), service("a", USES), own)
    assert (answer.state, answer.because) == (UNKNOWN, "tcp rules at a waypoint are not modelled")


def test_a_route_of_the_gateway_api_is_for_the_waypoint_of_its_parent() -> None:
    parent = {"group": "", "kind": "Service", "name": "a"}
    spec = {"parentRefs": [parent], "rules": [{"backendRefs": [{"name": "a", "port": 80}]}]}
    own = manifest("HTTPRoute", "r", GROUP, spec=spec)
    made = {**routed(VIP.format("a"), "shop~a.shop.svc.cluster.local"), "name": "shop.r.0"}
    assert judged(waypoint(table(made)), service("a", USES), own, ref="HTTPRoute shop/r").state is IN
    made["route"]["cluster"] = VIP.format("b")
    assert judged(waypoint(table(made)), service("a", USES), own, ref="HTTPRoute shop/r").state is PARTLY
