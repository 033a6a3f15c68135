"""Services that come, go and change: where requests go then."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.request import Request

from ..asking import asked, edited, item, mesh_of, traced, written

NEW = """apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: new, namespace: default}
spec:
  hosts: [api.new.example]
  location: MESH_EXTERNAL
  resolution: %s
  addresses: [%s]
  ports: [%s]
  endpoints: [%s]
"""
STATIC = NEW % (
    "STATIC",
    "10.99.0.7",
    "{number: 80, name: http, protocol: HTTP, targetPort: 8080}",
    "{address: 192.168.4.4}",
)
SIDECAR = """apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: default}
spec: {egress: [{hosts: [%s]}], outboundTrafficPolicy: {mode: %s}}
"""


@pytest.fixture
def mesh() -> Mesh:
    return mesh_of("services")


def test_a_new_host_has_its_cluster_and_its_names(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(STATIC))
    assert what_if.not_rebuilt == ()
    before, after = asked(what_if, "sleep", "http://api.new.example/")
    assert before.paths[0].hops[0].cluster == "PassthroughCluster"
    assert after.paths[0].hops[0].cluster == "outbound|80||api.new.example"
    assert after.paths[0].hops[0].virtual_host == "api.new.example:80"
    assert after.paths[0].disposition is Disposition.DELIVERED


def test_a_port_that_no_service_has_gets_its_listener(mesh: Mesh) -> None:
    text = STATIC.replace("number: 80,", "number: 8123,")
    what_if = WhatIf(mesh, written(text))
    assert {one.name for one in what_if.changes} == {"outbound|8123||api.new.example", "8123", "0.0.0.0_8123"}
    _, after = asked(what_if, "sleep", "http://api.new.example:8123/")
    assert after.paths[0].hops[0].listener == "0.0.0.0_8123"
    gone = WhatIf(what_if.mesh, [], without=[written(text)[0].ref])
    assert {(one.name, one.change) for one in gone.changes} == {(one.name, Kind.VANISHES) for one in what_if.changes}


@pytest.mark.parametrize(
    ("port", "address", "listener"),
    [
        ("{number: 5432, name: tcp, protocol: TCP}", "10.99.0.7", "10.99.0.7_5432"),
        ("{number: 5433, name: tcp, protocol: TCP}", "", "0.0.0.0_5433"),
        ("{number: 8443, name: tls, protocol: TLS}", "", "0.0.0.0_8443"),
        ("{number: 9443, name: tls, protocol: TLS}", "", "0.0.0.0_9443"),
        ("{number: 7070, name: any}", "10.99.0.7", "10.99.0.7_7070"),
    ],
)
def test_connections_have_a_listener(mesh: Mesh, port: str, address: str, listener: str) -> None:
    what_if = WhatIf(mesh, written(NEW % ("STATIC", address, port, "{address: 192.168.4.4}")))
    assert what_if.not_rebuilt == ()
    assert listener in {one.name for one in what_if.changes}


@pytest.mark.parametrize(
    ("resolution", "address", "port", "because"),
    [
        ("STATIC", "", "{number: 6379, name: tcp, protocol: TCP}", "another service has the listener 0.0.0.0_6379"),
        ("STATIC", "", "{number: 7070, name: any}", "a port that is sniffed, of a service without an address"),
        ("STATIC", "10.99.0.0/24", "{number: 5432, name: tcp, protocol: TCP}", "a range of addresses"),
        ("DYNAMIC_DNS", "", "{number: 80, name: http, protocol: HTTP}", "what istiod makes of resolution DYNAMIC_DNS"),
        ("DNS", "", "{number: 80, name: http, protocol: HTTP}", "what DNS says of api.new.example is unknown"),
    ],
)
def test_what_is_not_known_exactly_is_named(mesh: Mesh, resolution: str, address: str, port: str, because: str) -> None:
    what_if = WhatIf(
        mesh, written(NEW % (resolution, address, port, "" if "DNS" in resolution else "{address: 192.168.4.4}"))
    )
    assert what_if.not_rebuilt
    assert all(because in one.because for one in what_if.not_rebuilt)
    _, after = asked(what_if, "sleep", "http://api.new.example/")
    assert after.paths[0].disposition is Disposition.UNKNOWN
    _, other = asked(what_if, "sleep", "http://rest.team-a.svc.cluster.local/")
    assert other.paths[0].disposition is Disposition.DELIVERED


FILTER = """apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: limits, namespace: default}
spec:
  configPatches:
  - applyTo: CLUSTER
    match: {context: SIDECAR_OUTBOUND, cluster: {service: %s}}
    patch: {operation: MERGE, value: {per_connection_buffer_limit_bytes: 4096}}
"""


@pytest.mark.parametrize(("host", "is_patched"), [("api.new.example", True), ("other.example", False)])
def test_what_a_filter_would_patch_is_not_made(mesh: Mesh, host: str, *, is_patched: bool) -> None:
    patched = WhatIf(mesh, written(FILTER % host))
    assert (patched.changes, patched.not_rebuilt) == ((), ())
    what_if = WhatIf(patched.mesh, written(STATIC))
    told = [one.because for one in what_if.not_rebuilt if "patches what is made of it" in one.because]
    assert bool(told) is is_patched


def test_other_endpoints_are_other_endpoints(mesh: Mesh) -> None:
    name = "ServiceEntry default/vm-static"
    what_if = WhatIf(mesh, [edited(mesh, name, endpoints=[{"address": "10.20.0.61", "labels": {"pool": "one"}}])])
    assert {(one.what, one.change) for one in what_if.changes} == {("endpoints", Kind.CHANGED)}
    _, after = asked(what_if, "sleep", "http://vm.static.example/")
    assert [one.address for one in after.paths[0].hops[0].endpoints or ()] == ["10.20.0.61:8000"]


def test_a_workload_that_goes_is_no_endpoint(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, [], without=[item(mesh, "WorkloadEntry team-a/vm-one").ref])
    _, after = asked(what_if, "sleep", "http://vm.team-a.internal/")
    assert after.paths[0].disposition is Disposition.NO_HEALTHY_UPSTREAM


def test_a_sidecar_takes_away_what_it_does_not_import(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(SIDECAR % ("'./*'", "REGISTRY_ONLY")))
    before, after = asked(what_if, "sleep", "http://rest.team-a.svc.cluster.local/")
    assert before.is_well
    assert after.paths[0].hops[0].virtual_host == "block_all"
    before, after = asked(what_if, "sleep", "http://vm.static.example/")
    assert (before.is_well, after.is_well) == (True, True)
    before, after = asked(what_if, "sleep", "tcp://10.20.0.20:5432")
    assert [trace.paths[0].hops[0].cluster for trace in (before, after)] == [
        "outbound|5432||db.team-a.svc.cluster.local",
        "BlackHoleCluster",
    ]


def test_what_a_sidecar_imports_anew_is_that_of_other_proxies() -> None:
    mesh = mesh_of("services")
    egress = [{"hosts": ["./*", "*/*"]}]
    what_if = WhatIf(mesh, [edited(mesh, "Sidecar closed/default", egress=egress)])
    request = Request(source="inmate", dest="http://vm.team-a.internal/")
    before = traced(mesh, request)
    after = what_if.doubted(traced(what_if.mesh, request))
    assert before.paths[0].hops[0].virtual_host == "block_all"
    assert after.paths[0].hops[0].cluster == "outbound|80||vm.team-a.internal"
    assert after.is_well


def bodies(mesh: Mesh) -> dict[tuple[str, str, str], Any]:
    return {
        (proxy.name, kind, one.name): msgspec.json.decode(one.canonical())
        for proxy in mesh.proxies
        for kind in (CLUSTER, ENDPOINTS, LISTENER, ROUTES)
        for one in proxy.resources(kind)
    }


def test_a_sidecar_with_a_port_of_its_own_comes_back_as_istiod_made_it(mesh: Mesh) -> None:
    """But for one port, which it leaves out and a rule still leads to."""
    one = item(mesh, "Sidecar team-b/private")
    back = WhatIf(WhatIf(mesh, [], without=[one.ref]).mesh, [one])
    assert [(each.decides, each.name) for each in back.not_rebuilt] == [(Reach.HOSTS, "app.default.svc.cluster.local")]
    now, then = bodies(mesh), bodies(back.mesh)
    assert {key for key in {*now, *then} if now.get(key) != then.get(key) and "8081" not in key[2]} == set()


@pytest.mark.parametrize(
    ("egress", "because"),
    [
        (
            [{"bind": "127.0.0.1", "port": {"number": 80, "protocol": "HTTP", "name": "h"}, "hosts": ["*/*"]}],
            "an address",
        ),
        ([{"port": {"number": 80, "protocol": "TCP", "name": "t"}, "hosts": ["*/*"]}], "not one of HTTP alone"),
        (
            [
                {"port": {"number": 80, "protocol": "HTTP", "name": "h"}, "hosts": ["team-a/*"]},
                {"hosts": ["default/*"]},
            ],
            "of which Sidecar closed/default imports other services",
        ),
        (
            [
                {
                    "port": {"number": 9000, "protocol": "GRPC", "name": "g"},
                    "hosts": ["team-b/rpc.team-b.svc.cluster.local"],
                },
                {"hosts": ["team-a/*"]},
            ],
            "is imported by some of the egress listeners of Sidecar closed/default",
        ),
    ],
)
def test_egress_listeners_that_are_not_known_are_told_and_decide(mesh: Mesh, egress: list[Any], because: str) -> None:
    what_if = WhatIf(mesh, [edited(mesh, "Sidecar closed/default", egress=egress)])
    assert {one.decides for one in what_if.not_rebuilt} == {Reach.REQUESTS}
    assert all(because in one.because for one in what_if.not_rebuilt)
    _, after = asked(what_if, "inmate", "http://rest.team-a/")
    assert {path.disposition for path in after.paths} == {Disposition.UNKNOWN}


PROXY = "rest.team-a.svc.cluster.local"


def led(mesh: Mesh, mode: str, host: str) -> WhatIf:
    policy = {"mode": mode, "egressProxy": {"host": host, "port": {"number": 80}}}
    return WhatIf(mesh, [edited(mesh, "Sidecar closed/default", outboundTrafficPolicy=policy)])


def test_an_egress_proxy_takes_what_is_left_and_gives_it_back(mesh: Mesh) -> None:
    what_if = led(mesh, "ALLOW_ANY", PROXY)
    assert what_if.not_rebuilt == ()
    for dest in ("http://nobody.example/", "tcp://10.9.9.9:4444"):
        _, after = asked(what_if, "inmate", dest)
        assert after.paths[0].hops[0].cluster == f"outbound|80||{PROXY}"
    _, after = asked(what_if, "inmate", "http://rest.team-a/")
    assert after.paths[0].hops[0].virtual_host == f"{PROXY}:80"
    back = WhatIf(what_if.mesh, [item(mesh, "Sidecar closed/default")])
    assert bodies(back.mesh) == bodies(mesh)


def test_an_egress_proxy_without_traffic_for_it_changes_nothing(mesh: Mesh) -> None:
    what_if = led(mesh, "REGISTRY_ONLY", PROXY)
    assert (what_if.changes, what_if.not_rebuilt) == ((), ())


@pytest.mark.parametrize(("host", "because"), [("proxy", "short name proxy"), ("away.example", "has no cluster")])
def test_an_egress_proxy_that_is_not_known_is_told(mesh: Mesh, host: str, because: str) -> None:
    what_if = led(mesh, "ALLOW_ANY", host)
    assert {one.decides for one in what_if.not_rebuilt} == {Reach.REQUESTS}
    assert all(because in one.because for one in what_if.not_rebuilt)


def test_a_service_that_selects_others_has_other_endpoints() -> None:
    mesh = mesh_of("bookinfo")
    what_if = WhatIf(mesh, [edited(mesh, "Service default/details", selector={"app": "ratings"})])
    _, after = asked(what_if, "productpage", "details")
    hop = after.paths[0].hops[0]
    assert hop.cluster == "outbound|9080||details.default.svc.cluster.local"
    assert all("ratings" in str(one) for one in hop.endpoints or ("none",))


def test_a_port_that_is_renamed_speaks_otherwise() -> None:
    mesh = mesh_of("bookinfo")
    ports = [{"name": "tcp-details", "port": 9080, "targetPort": 9080, "protocol": "TCP"}]
    what_if = WhatIf(mesh, [edited(mesh, "Service default/details", ports=ports)])
    assert any(one.what == "listener" and one.change is Kind.MADE for one in what_if.changes) or what_if.not_rebuilt
    _, after = asked(what_if, "productpage", "reviews")
    assert after.is_well


def test_what_changes_nothing_touches_nothing(mesh: Mesh) -> None:
    hidden = STATIC.replace("spec:\n", "spec:\n  exportTo: [nowhere]\n")
    what_if = WhatIf(mesh, written(hidden))
    assert (what_if.changes, what_if.not_rebuilt) == ((), ())
