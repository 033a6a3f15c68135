"""Policies on workloads that ztunnels capture: unknown by name, beside what sidecars have of them."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects

from ...mesh.ambient_meshes import BACK, ambient_mesh, namespace, ztunnel
from ...mesh.meshes import bootstrap, dump, listeners, manifest

Json = Any
SECURITY = "security.istio.io"
NOT, UNKNOWN = State.NOT_IN_EFFECT, State.UNKNOWN
TOLD = "ztunnel enforces it on store.back: policies at ztunnels are not modelled"


def policy(kind: str = "AuthorizationPolicy", where: str = "back", **spec: Json) -> Json:
    body: Json = {"rules": [{}]} if kind == "AuthorizationPolicy" else {"mtls": {"mode": "STRICT"}}
    return manifest(kind, "no", SECURITY, where, spec={**body, **spec})


def selecting(app: str) -> Json:
    return {"selector": {"matchLabels": {"app": app}}}


def sidecar() -> Any:
    node = bootstrap("web-1.back", "10.8.0.9")
    node["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "back", "LABELS": {"app": "web"}}
    return dump(node, listeners())


def asked(written: Json, *objects: Json, proxy: Any = None, dumped: Any = None) -> tuple[RuleEffect, ...]:
    mesh = ambient_mesh(written, *objects, proxy=proxy or sidecar(), ztunnel=dumped)
    configuration = Configuration(mesh)
    item = next(one for one in mesh.objects if one.kind == written["kind"])
    return effects(configuration, item, configuration.clients)


@pytest.mark.parametrize("kind", ["AuthorizationPolicy", "PeerAuthentication"])
@pytest.mark.parametrize(
    ("where", "spec", "objects", "because"),
    [
        ("back", selecting("store"), [BACK], TOLD),
        ("istio-system", {}, [BACK], TOLD),
        ("back", selecting("store"), [namespace("back")], ""),
        ("back", selecting("other"), [BACK], ""),
        ("front", {}, [BACK], ""),
    ],
)
def test_a_policy_for_captured_workloads_is_unknown_there(
    kind: str, where: str, spec: Json, objects: Json, because: str
) -> None:
    found = [one for one in asked(policy(kind, where, **spec), *objects) if one.proxy is None]
    if because:
        assert {(one.state, one.because) for one in found} == {(UNKNOWN, because)}
    else:
        assert not [one for one in found if "ztunnel" in one.because]


def test_what_sidecars_have_of_it_stands_beside() -> None:
    found = asked(policy(), BACK)
    assert {one.proxy for one in found} == {None, "web-1.back"}


def test_without_ztunnels_a_selector_that_chooses_no_proxy_is_not_in_effect() -> None:
    (answer,) = asked(policy(**selecting("store")), namespace("back"))
    assert answer.state is NOT
    assert "its selector asks for app=store" in answer.because


def test_a_ztunnel_s_dump_tells_of_workloads_without_labels() -> None:
    (answer, *_) = asked(policy(**selecting("unknown")), dumped=ztunnel())
    assert (answer.state, answer.proxy) == (UNKNOWN, None)
    assert answer.because.startswith("ztunnel enforces it on")


def test_a_policy_that_is_attached_is_for_waypoints() -> None:
    refs = [{"group": "", "kind": "Service", "name": "store"}]
    assert not [one for one in asked(policy(targetRefs=refs), BACK) if "ztunnel" in one.because]
