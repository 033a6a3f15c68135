"""Policies that are attached to what a waypoint does: in its chains, and in no others."""

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

from ...mesh.ambient_meshes import BACK, FRONT, VIP, ambient_mesh, gateway, service, waypoint
from ..asking import asked, written

DENY = """apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no, namespace: back}
spec: {action: DENY, %s, rules: [{to: [{operation: {paths: [/tea]}}]}]}
"""
TOKENS = """apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: back}
spec: {%s, jwtRules: [{issuer: me, jwks: '{"keys": []}'}]}
"""
GATE = "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}]"
STORE = "targetRefs: [{group: '', kind: Service, name: store}]"
OTHER = "targetRefs: [{group: '', kind: Service, name: other}]"
TEA, WELL = f"http://{VIP}/tea", f"http://{VIP}/"


@pytest.fixture
def mesh() -> Mesh:
    return ambient_mesh(FRONT, BACK, service(), gateway(), proxy=waypoint())


def listener(mesh: Mesh) -> Any:
    (proxy,) = mesh.proxies
    resource = proxy.resource(LISTENER, "main_internal")
    assert resource is not None
    return msgspec.json.decode(resource.canonical())


@pytest.mark.parametrize("refs", [GATE, STORE])
@pytest.mark.parametrize("text", [DENY, TOKENS], ids=["rules", "tokens"])
def test_what_is_attached_comes_and_goes(mesh: Mesh, text: str, refs: str) -> None:
    (item,) = written(text % refs)
    there = WhatIf(mesh, [item])
    assert there.not_rebuilt == ()
    assert {(one.change, one.proxy) for one in there.changes} == {(Kind.MADE, "edge-0.back")}
    configuration = Configuration(there.mesh)
    (found,) = effects(configuration, item, configuration.clients)
    assert found.state is State.IN_EFFECT
    gone = WhatIf(there.mesh, [], without=[item.ref])
    assert gone.not_rebuilt == ()
    assert listener(gone.mesh)["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"][-1]["name"] == "router"


def test_a_request_that_would_be_denied_is(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(DENY % STORE))
    before, after = asked(what_if, "till", TEA)
    assert [trace.paths[0].disposition for trace in (before, after)] == [Disposition.UNKNOWN, Disposition.DENIED]
    before, after = asked(what_if, "till", WELL)
    assert before.paths[0].assuming == after.paths[0].assuming  # which its ztunnel decides


@pytest.mark.parametrize("refs", [OTHER, "selector: {matchLabels: {app: store}}"])
@pytest.mark.parametrize("text", [DENY, TOKENS], ids=["rules", "tokens"])
def test_what_is_attached_to_something_else_changes_nothing(mesh: Mesh, text: str, refs: str) -> None:
    what_if = WhatIf(mesh, written(text % refs))
    assert what_if.changes == ()
    assert all(one.decides in (Reach.NOWHERE, Reach.NOTHING) for one in what_if.not_rebuilt)
    assert listener(what_if.mesh) == listener(mesh)


def test_an_external_authorizer_is_told_and_decides(mesh: Mesh) -> None:
    text = DENY.replace("DENY", "CUSTOM, provider: {name: ask}")
    what_if = WhatIf(mesh, written(text % STORE))
    assert {(one.decides, one.proxy) for one in what_if.not_rebuilt} == {(Reach.REQUESTS, "edge-0.back")}
    _, after = asked(what_if, "till", TEA)
    assert "AuthorizationPolicy back/no" in after.paths[0].assuming[0]
