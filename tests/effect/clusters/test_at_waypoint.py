"""DestinationRules at a waypoint: its clusters are named otherwise, and say nothing of mutual TLS."""

from __future__ import annotations

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.snapshot.snapshot import ProxyId

from ...mesh.meshes import bootstrap, captured, clusters, dump, listeners, manifest, mesh_of
from ..http_routes.test_waypoint_places import USES, VIP, service
from ..recorded import Json

IN, PARTLY, NOT = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT
HTTP, SUBSET = VIP.format("a"), VIP.format("a").replace("|http|", "|http/v1|")
LIMITS = {"connectionPool": {"tcp": {"maxConnections": 7}}}


def cluster(name: str, limit: int = 7) -> Json:
    return {"name": name, "type": "EDS", "circuit_breakers": {"thresholds": [{"max_connections": limit}]}}


def judged(*bodies: Json, host: str = "a", port: str = "http", tls: str = "ISTIO_MUTUAL") -> dict[str, RuleEffect]:
    head = bootstrap("gate-1.shop", kind="waypoint")
    labels = {"gateway.networking.k8s.io/gateway-name": "gate"}
    head["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "shop", "LABELS": labels, "ISTIO_VERSION": "1.31.0"}
    proxy = dump(head, clusters(*bodies), listeners(), kind="config_dump", owner=ProxyId("", "shop", "gate-1"))
    spec = {
        "host": host,
        "trafficPolicy": {**LIMITS, "tls": {"mode": tls}},
        "subsets": [{"name": "v1", "labels": {"version": "v1"}}],
    }
    rule = manifest("DestinationRule", "r", "networking.istio.io", spec=spec)
    objects = [service("a", USES, port), service("c"), rule]
    mesh = mesh_of(proxy, captured("o.json", {"apiVersion": "v1", "kind": "List", "items": objects}))
    configuration = Configuration(mesh)
    item = next(each for each in mesh.objects if each.kind == "DestinationRule")
    return {one.rule: one for one in effects(configuration, item, configuration.clients, named=True)}


@pytest.mark.parametrize(
    ("bodies", "states"),
    [
        ((cluster(HTTP), cluster(SUBSET)), (IN, IN)),
        ((cluster(HTTP, 8), cluster(SUBSET)), (PARTLY, IN)),
        ((cluster(HTTP),), (IN, NOT)),
        ((cluster("outbound|80||a.shop.svc.cluster.local"),), (NOT, NOT)),
    ],
)
def test_its_clusters_are_those_of_services_behind_it(bodies: tuple[Json, ...], states: tuple[State, State]) -> None:
    found = judged(*bodies)
    assert (found["trafficPolicy"].state, found["subsets[0]"].state) == states


def test_a_sniffed_port_has_a_cluster_for_each_protocol() -> None:
    tcp = [name.replace("|http", "|tcp") for name in (HTTP, SUBSET)]
    assert judged(cluster(HTTP), cluster(SUBSET), port="web")["trafficPolicy"].state is PARTLY
    every = map(cluster, (HTTP, SUBSET, *tcp))
    assert {one.state for one in judged(*every, port="web").values()} == {IN}


def test_a_service_that_is_not_behind_it_is_not_its_own() -> None:
    found = judged(cluster(HTTP), host="c")["trafficPolicy"]
    assert (found.state, found.because) == (NOT, "Service shop/c is not reached through this waypoint")


def test_another_mode_of_tls_is_not_modelled_there() -> None:
    found = judged(cluster(HTTP), cluster(SUBSET), tls="SIMPLE")
    assert {one.state for one in found.values()} == {State.UNKNOWN}
    assert judged(cluster(HTTP, 8), cluster(SUBSET), tls="SIMPLE")["trafficPolicy"].state is PARTLY
