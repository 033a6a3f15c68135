"""Filter chains of gateways that come or go with rules for TLS and TCP, and those of services in sidecars."""

from __future__ import annotations

import pytest

from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request

from ..asking import edited, item, mesh_of, written

MESH = mesh_of("gateways")
INGRESS = "istio-ingressgateway-bc70f77432-0efe7.istio-system"
SECURE, FRONTEND = "outbound|443||secure.default.svc.cluster.local", "outbound|80||frontend.default.svc.cluster.local"


def told(what_if: WhatIf) -> list[tuple[str, str, str, str]]:
    return [(one.change.value, one.what, one.name, f"{one.object} {one.rule}") for one in what_if.changes]


def cluster(what_if: WhatIf, dest: str) -> str | None:
    return Simulator(what_if.mesh).trace(Request(source=INGRESS, dest=dest, protocol="tcp")).paths[0].hops[0].cluster


def tls(name: str, *to: object) -> dict[str, object]:
    return {"match": [{"port": 443, "sniHosts": [name]}], "route": list(to)}


FIRST = tls("secure.example.com", {"destination": {"host": "secure", "port": {"number": 443}}})


def test_a_chain_comes_with_its_rule_and_goes() -> None:
    new = tls("other.example.com", {"destination": {"host": "frontend", "port": {"number": 80}}})
    what_if = WhatIf(MESH, [edited(MESH, "VirtualService default/passthrough", tls=[FIRST, new])])
    assert what_if.not_rebuilt == ()
    name = "0.0.0.0_8443 SNI other.example.com"
    assert told(what_if) == [("made", "filter chain", name, "VirtualService default/passthrough tls[1]")]
    gone = WhatIf(what_if.mesh, [item(MESH, "VirtualService default/passthrough")])
    assert told(gone) == [("vanishes", "filter chain", name, "VirtualService default/passthrough tls[1]")]


def test_of_a_server_of_tcp_the_first_rule_counts_and_the_last_takes_the_listener_along() -> None:
    gone = WhatIf(MESH, [], without=[item(MESH, "VirtualService default/edge-raw").ref])
    assert told(gone) == [("vanishes", "listener", "0.0.0.0_9000", "VirtualService default/edge-raw tcp[0]")]
    assert gone.not_rebuilt == ()
    rule = {"match": [{"port": 9000}], "route": [{"destination": {"host": "frontend", "port": {"number": 80}}}]}
    raw = {"match": [{"port": 9000}], "route": [{"destination": {"host": "raw", "port": {"number": 9000}}}]}
    behind = WhatIf(MESH, [edited(MESH, "VirtualService default/edge-raw", tcp=[raw, rule])])
    assert (told(behind), behind.not_rebuilt) == ([], ())
    before = WhatIf(MESH, [edited(MESH, "VirtualService default/edge-raw", tcp=[rule, raw])])
    assert [one.differences[0].expected for one in before.changes] == [FRONTEND]


ROUTES = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: pass, namespace: istio-system}
spec:
  gatewayClassName: istio
  addresses: [{type: Hostname, value: istio-ingressgateway.istio-system.svc.cluster.local}]
  listeners:
  - {name: tls, port: 443, protocol: TLS, hostname: pass.example.com, tls: {mode: Passthrough}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {name: pass, namespace: istio-system}
spec:
  parentRefs: [{name: pass}]
  hostnames: [pass.example.com]
  rules: [{backendRefs: [{name: istiod, port: 443}]}]
"""


def test_a_tls_route_is_a_chain() -> None:
    what_if = WhatIf(MESH, written(ROUTES))
    name = "0.0.0.0_8443 SNI pass.example.com"
    assert told(what_if) == [("made", "filter chain", name, "Gateway istio-system/pass listeners[0]")]
    route = written(ROUTES)[1]
    assert told(WhatIf(what_if.mesh, [], without=[route.ref])) == [
        ("vanishes", "filter chain", name, "TLSRoute istio-system/pass rules[0]")
    ]


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("{mode: AUTO_PASSTHROUGH}", "filter chains of mode AUTO_PASSTHROUGH are not rebuilt"),
        ("{mode: SIMPLE, credentialName: shop-cred}", "the TLS of connections that end here is not rebuilt"),
    ],
)
def test_chains_that_nothing_tells_are_not_rebuilt(mode: str, why: str) -> None:
    head = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: new, namespace: default}\n"
    server = f"{{port: {{number: 443, name: a, protocol: TLS}}, hosts: [new.example.com], tls: {mode}}}"
    rule = (
        "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: new, namespace: default}\n"
        "spec: {hosts: [new.example.com], gateways: [new], tcp: [{route: [{destination: {host: frontend}}]}]}\n"
    )
    what_if = WhatIf(MESH, written(f"{head}spec: {{selector: {{istio: ingressgateway}}, servers: [{server}]}}\n{rule}"))
    assert {(one.decides, str(one).rpartition(": ")[2]) for one in what_if.not_rebuilt} == {(Reach.LISTENER, why)}
    assert not what_if.changes


# --- sidecars ------------------------------------------------------------------------------------------------------

RAW = """
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: raw, namespace: default}
spec:
  hosts: [raw]
  tcp: [{route: [{destination: {host: frontend, port: {number: 80}}}]}]
"""


def test_the_chain_of_a_service_leads_elsewhere_and_back() -> None:
    what_if = WhatIf(MESH, written(RAW))
    assert what_if.not_rebuilt == ()
    assert {(one.change, one.what, one.differences[0].expected) for one in what_if.changes} == {
        (Kind.CHANGED, "filter chain", FRONTEND)
    }
    back = WhatIf(what_if.mesh, [], without=[written(RAW)[0].ref])
    assert back.not_rebuilt == ()
    assert {one.differences[0].expected for one in back.changes} == {"outbound|9000||raw.default.svc.cluster.local"}
    assert len(back.changes) == len(what_if.changes) > 0


def test_a_rule_for_some_addresses_is_another_chain_and_not_rebuilt() -> None:
    text = RAW.replace("{route:", "{match: [{destinationSubnets: [10.0.0.0/8]}], route:")
    what_if = WhatIf(MESH, written(text))
    assert not what_if.changes
    assert {"come or go" in one.because for one in what_if.not_rebuilt} == {True}
