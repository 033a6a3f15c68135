"""Chains of `tls` rules in sidecars: where names lead then, and that they are gone when the rules go."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.envoy.resource import LISTENER
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.disposition import Disposition

from ..effect import recorded
from .asking import asked, mesh_of, written

RULES = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: names, namespace: default}
spec: {hosts: [%s], exportTo: ["%s"], tls: [%s]}
"""
EDGE = "edge-gateway.istio-system.svc.cluster.local"
ONE = "{match: [{port: 443, sniHosts: [%s]%s}], route: [{destination: {host: edge-gateway.istio-system.svc.cluster.local}}]}"
INNER = "kubernetes.default.svc.cluster.local"
OUTER = "api.partner.example"
UNLISTED = recorded.without_configz("gateways")
"""Nothing tells that istiod does not have a new object."""


def listeners(mesh: Mesh) -> dict[tuple[str, str], Any]:
    return {
        (proxy.name, one.name): msgspec.json.decode(one.canonical())
        for proxy in mesh.proxies
        for one in proxy.resources(LISTENER)
    }


@pytest.mark.parametrize("host", [INNER, OUTER])
def test_rules_that_come_are_what_effect_looks_for_and_gone_when_they_go(host: str) -> None:
    (rules,) = written(RULES % (host, "*", f"{ONE % (host, '')}, {ONE % ('b.example, c.example', '')}"))
    there = WhatIf(UNLISTED, [rules])
    assert there.not_rebuilt == ()
    configuration = Configuration(there.mesh)
    sidecars = [one for one in configuration.clients if one.kind == "sidecar"]
    assert {one.state for one in effects(configuration, rules, sidecars)} == {State.IN_EFFECT}
    gone = WhatIf(there.mesh, [], without=[rules.ref])
    assert gone.not_rebuilt == ()
    assert len(gone.changes) == len(there.changes)
    assert listeners(gone.mesh) == listeners(UNLISTED)


def test_a_name_leads_elsewhere_and_others_are_passed_through() -> None:
    what_if = WhatIf(mesh_of("gateways"), written(RULES % (INNER, "*", ONE % ("a.example", ""))))
    assert {(one.change, one.name) for one in what_if.changes if one.what == "filter chain"} == {
        (Kind.VANISHES, "10.96.0.1_443 TLS"),
        (Kind.MADE, "10.96.0.1_443 SNI a.example"),
    }
    before, after = asked(what_if, "raw", "https://10.96.0.1:443")
    assert before.paths[0].hops[0].cluster == f"outbound|443||{INNER}"
    assert after.paths[0].hops[0].cluster == "PassthroughCluster"


def test_several_destinations_have_shares() -> None:
    shares = f"{{destination: {{host: {EDGE}}}, weight: 30}}, {{destination: {{host: {INNER}}}, weight: 70}}"
    text = RULES % (OUTER, "*", f"{{match: [{{sniHosts: [{OUTER}]}}], route: [{shares}]}}")
    what_if = WhatIf(mesh_of("gateways"), written(text))
    (changed,) = {(one.change, one.after) for one in what_if.changes}
    assert changed == (
        Kind.CHANGED, f"SNI {OUTER} → outbound|443||{EDGE} 30, outbound|443||{INNER} 70",
    )  # fmt: skip


@pytest.mark.parametrize("text", [
    RULES % (INNER, "nowhere", ONE % ("a.example", "")),
    RULES % (INNER, "*", ONE.replace("443", "444") % ("a.example", "")),
], ids=["exported nowhere", "another port"])  # fmt: skip
def test_rules_for_nobody_change_nothing(text: str) -> None:
    what_if = WhatIf(UNLISTED, written(text))
    assert listeners(what_if.mesh) == listeners(UNLISTED)
    assert [one for one in what_if.not_rebuilt if one.decides is Reach.LISTENER] == []


@pytest.mark.parametrize(
    ("more", "because"),
    [
        (", destinationSubnets: [10.0.0.0/8]", "destinationSubnets are not rebuilt"),
        ("", "another VirtualService has such rules for the host"),
    ],
)
def test_what_is_not_known_is_told_and_decides(more: str, because: str) -> None:
    mesh = mesh_of("gateways")
    if not more:
        first = written((RULES % (INNER, "*", ONE % ("first.example", ""))).replace("name: names", "name: first"))
        mesh = WhatIf(mesh, first).mesh
    what_if = WhatIf(mesh, written(RULES % (INNER, "*", ONE % ("a.example", more))))
    told = [one for one in what_if.not_rebuilt if one.decides is Reach.LISTENER]
    assert {one.name for one in told} == {"10.96.0.1_443"}
    assert all(because in one.because for one in told)
    assert listeners(what_if.mesh) == listeners(mesh)
    _, after = asked(what_if, "raw", "https://10.96.0.1:443")
    assert {path.disposition for path in after.paths} == {Disposition.UNKNOWN}
