"""Ports of workloads that come back are what a real istiod had made of them: chains, listener filters and clusters."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import inbound_ports
from meshscope.effect.kinds.peer_authentication import levels_of
from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.inbound.chains import Names, chains_of_port
from meshscope.overlay.policies.inspectors import inspected
from meshscope.overlay.policies.mutual_tls import mode_at
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.disposition import Disposition

from ..asking import asked, edited, item, mesh_of, written

Json = Any
MESHES = ("bookinfo", "gateways", "services")
INBOUND = "virtualInbound"
OBJECTS = [
    (name, str(each))
    for name in MESHES
    for each in mesh_of(name).objects
    if each.kind in ("Service", "Sidecar") and each.namespace not in ("istio-system", "kube-system")
]


def bodies(mesh: Mesh) -> dict[tuple[str, str, str], Json]:
    """All that a proxy has for what it receives."""
    return {
        (proxy.name, kind, one.name): msgspec.json.decode(one.canonical())
        for proxy in mesh.proxies
        for kind in (LISTENER, CLUSTER)
        for one in proxy.resources(kind)
        if one.name.startswith((INBOUND, "inbound|"))
    }


@pytest.mark.parametrize(("name", "ref"), OBJECTS)
def test_what_comes_back_is_as_it_was(name: str, ref: str) -> None:
    mesh = mesh_of(name)
    one = item(mesh, ref)
    without = WhatIf(mesh, [], without=[one.ref])
    assert bodies(WhatIf(without.mesh, [one]).mesh) == bodies(mesh)


def test_taking_it_out_is_seen() -> None:
    """Else the test above would hold for a rebuilding that does nothing."""
    mesh = mesh_of("bookinfo")
    without = WhatIf(mesh, [], without=[item(mesh, "Service default/details").ref])
    gone = [one for one in without.changes if one.what == "filter chains"]
    assert {(one.name, one.change) for one in gone} == {("virtualInbound port 9080", Kind.VANISHES)}
    assert ("details-v1-deeb20a156-6ebbd.default", CLUSTER, "inbound|9080||") not in bodies(without.mesh)


@pytest.mark.parametrize("name", [*MESHES, "security"])
def test_each_port_s_chains_are_written_as_istiod_does_in_each_mode(name: str) -> None:
    configuration = Configuration(mesh_of(name))
    for client in (one for one in configuration.clients if one.kind == "sidecar"):
        listener = bodies(mesh_of(name))[client.name, LISTENER, INBOUND]
        assert inspected(listener["listener_filters"], listener["filter_chains"]) == listener["listener_filters"]
        for port in inbound_ports(configuration, client):
            today = [
                one
                for one in listener["filter_chains"]
                if one["filter_chain_match"].get("destination_port") == port.target
            ]
            rest = [one for one in listener["filter_chains"] if one not in today]
            names = Names(
                today[0]["name"].rpartition("_")[0],
                "private.team-b" if port.ingress else port.host,
                today[0].get("metadata"),
            )
            mode = mode_at(levels_of(configuration, client), port.target)
            assert chains_of_port({"filter_chains": rest}, port, mode, names) == today


SIDECAR = """apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: own, namespace: default}
spec: {workloadSelector: {labels: {app: details}}, ingress: [%s]}
"""
OPEN = "{port: {number: %d, protocol: HTTP, name: http}, defaultEndpoint: '127.0.0.1:9080'}"


def test_a_port_that_a_sidecar_does_not_list_is_no_port_of_a_service_any_more() -> None:
    what_if = WhatIf(mesh_of("bookinfo"), written(SIDECAR % (OPEN % 7000)))
    assert [one for one in what_if.not_rebuilt if one.decides is not Reach.NOTHING] == []
    told = {(one.name, one.change) for one in what_if.changes}
    assert told == {
        ("virtualInbound port 7000", Kind.MADE),
        ("virtualInbound port 9080", Kind.VANISHES),
        ("inbound|7000||", Kind.MADE),
        ("inbound|9080||", Kind.VANISHES),
    }
    before, after = asked(what_if, "productpage", "details")
    assert [trace.paths[0].hops[-1].cluster for trace in (before, after)] == [
        "inbound|9080||",
        "InboundPassthroughCluster",
    ]


def test_a_port_that_is_listed_leads_to_its_default_endpoint() -> None:
    what_if = WhatIf(mesh_of("bookinfo"), written(SIDECAR % (OPEN % 9080)))
    _, after = asked(what_if, "productpage", "details")
    assert {path.disposition for path in after.paths} == {Disposition.DELIVERED}
    body = bodies(what_if.mesh)["details-v1-deeb20a156-6ebbd.default", CLUSTER, "inbound|9080||"]
    assert (body["type"], "upstream_bind_config" in body) == ("STATIC", False)
    assert "127.0.0.1" in str(body["load_assignment"])


def test_another_workload_keeps_its_ports() -> None:
    mesh = mesh_of("bookinfo")
    what_if = WhatIf(mesh, written((SIDECAR % (OPEN % 7000)).replace("app: details", "app: nobody")))
    assert bodies(what_if.mesh) == bodies(mesh)
    there = WhatIf(
        mesh_of("services"), [edited(mesh_of("services"), "Sidecar team-b/private", outboundTrafficPolicy={})]
    )
    assert bodies(there.mesh) == bodies(mesh_of("services"))


@pytest.mark.parametrize(
    ("listener", "because"),
    [
        ("{port: {number: 7000, protocol: MONGO, name: mongo}}", "chains of Mongo in mode PERMISSIVE are not rebuilt"),
        ("{port: {number: 7000, protocol: HTTP, name: http}, captureMode: NONE}", "captureMode NONE"),
        ("{port: {number: 7000, protocol: HTTP, name: http}, tls: {mode: SIMPLE}}", "TLS of a Sidecar's listener"),
        (
            "{port: {number: 7000, protocol: HTTP, name: http}, defaultEndpoint: '10.0.0.1:1'}",
            "defaultEndpoint 10.0.0.1:1",
        ),
    ],
)
def test_what_is_not_known_of_a_port_is_told_and_decides(listener: str, because: str) -> None:
    mesh = mesh_of("bookinfo")
    what_if = WhatIf(mesh, written(SIDECAR % listener))
    assert {one.decides for one in what_if.not_rebuilt} == {Reach.INBOUND}
    assert all(because in one.because for one in what_if.not_rebuilt)
    assert bodies(what_if.mesh) == bodies(mesh)
    _, after = asked(what_if, "productpage", "details")
    assert {path.disposition for path in after.paths} == {Disposition.UNKNOWN}


ENTRY = """apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: pods, namespace: default}
spec:
  hosts: [pods.example]
  resolution: STATIC
  workloadSelector: {labels: {app: %s}}
  ports: [{number: %d, name: http, protocol: HTTP}]
"""


@pytest.mark.parametrize(
    ("app", "port", "is_open"), [("details", 7000, True), ("details", 9080, False), ("x", 7000, False)]
)
def test_a_service_entry_that_selects_pods_opens_their_port(app: str, port: int, *, is_open: bool) -> None:
    what_if = WhatIf(mesh_of("bookinfo"), written(ENTRY % (app, port)))
    made = [one for one in what_if.changes if one.what == "filter chains"]
    assert {(one.name, one.change) for one in made} == ({("virtualInbound port 7000", Kind.MADE)} if is_open else set())


def test_chains_that_are_not_istiod_s_are_not_made_anew() -> None:
    mesh = mesh_of("bookinfo")
    patch = (
        "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: p, namespace: default}\n"
        "spec: {workloadSelector: {labels: {app: details}}, configPatches: [{applyTo: NETWORK_FILTER, match: {context: "
        "SIDECAR_INBOUND, listener: {filterChain: {destinationPort: 9080}}}, patch: {operation: INSERT_FIRST, value: {name: "
        "envoy.filters.network.rbac}}}]}\n"
    )
    patched = WhatIf(mesh, written(patch)).mesh
    assert bodies(patched) != bodies(mesh)
    ports = [{"name": "http", "port": 81, "targetPort": 9080}]
    what_if = WhatIf(patched, [edited(patched, "Service default/details", ports=ports)])
    told = [one for one in what_if.not_rebuilt if one.decides is Reach.INBOUND]
    assert told
    assert all("today not what istiod makes of it" in one.because for one in told)
    plain = WhatIf(mesh, [edited(mesh, "Service default/details", ports=ports)])
    assert [one for one in plain.not_rebuilt if one.decides is Reach.INBOUND] == []


@pytest.mark.parametrize(("protocol", "is_new", "retries"), [("GRPC", True, 0), ("HTTP2", True, 1), ("HTTP", False, 1)])
def test_http2_is_spoken_on_both_sides_and_grpc_is_not_retried(protocol: str, retries: int, *, is_new: bool) -> None:
    text = SIDECAR % (OPEN % 7000).replace("HTTP", protocol)
    made = bodies(WhatIf(mesh_of("bookinfo"), written(text)).mesh)
    name = "details-v1-deeb20a156-6ebbd.default"
    assert ("http2_protocol_options" in str(made[name, CLUSTER, "inbound|7000||"])) is is_new
    (chain, _) = [one for one in made[name, LISTENER, INBOUND]["filter_chains"] if one["name"].endswith("_7000")]
    (manager,) = (each["typed_config"] for each in chain["filters"])
    assert ("http2_protocol_options" in manager) is is_new
    (route,) = manager["route_config"]["virtual_hosts"][0]["routes"]
    assert ("retry_policy" in route["route"]) is bool(retries)
