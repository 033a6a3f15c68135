from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State

from ...mesh.meshes import NETWORK, section
from ..policies import small_mesh
from ..policies.small_mesh import HTTP, Json, http_chain, inbound, outbound, policy, tcp_chain

GROUP = "extensions.istio.io"
NAME = "extensions.istio.io/wasmplugin/shop.p"
REFERENCE: Json = {"name": NAME, "config_discovery": {"config_source": {"ads": {}}}}
SPEC: Json = {
    "url": "oci://reg.example/plugin:1",
    "pluginName": "root",
    "pluginConfig": {"answer": 42},
    "failStrategy": "FAIL_OPEN",
}


def module(**changed: Json) -> Json:
    text = json.dumps({"answer": 42})
    packed = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": text}
    config = {"name": NAME, "root_id": "root", "failure_policy": "FAIL_OPEN", "configuration": packed, **changed}
    return {"name": NAME, "typed_config": {"@type": f"{HTTP}.wasm.v3.Wasm", "config": config}}


def ecds(*filters: Json) -> Json:
    return section("Ecds", "ecds_filters", "ecds_filter", *filters)


def judged(
    spec: Json, *listeners: Json, more: tuple[Json, ...] = (), kind: str = "WasmPlugin", **proxy: Any
) -> RuleEffect:
    item = policy(kind, spec, group=GROUP)
    captured = small_mesh.proxy(*listeners, more=more, **proxy)
    (found,) = small_mesh.judged(small_mesh.mesh(captured, item), group=GROUP)
    return found


def test_a_plugin_is_in_effect_where_each_chain_names_it_and_its_module_is_there() -> None:
    both = inbound(http_chain(REFERENCE), tcp_chain()), outbound(http_chain(REFERENCE, port=None))
    found = judged(SPEC, *both, more=(ecds(module()),))
    assert (found.state, found.rule) == (State.IN_EFFECT, "")
    half = inbound(http_chain(REFERENCE)), outbound(http_chain(port=None))
    found = judged(SPEC, *half, more=(ecds(module()),))
    assert found.state is State.PARTLY
    assert found.because == f"the HTTP chain of 0.0.0.0_80, port 80 has no filter {NAME}"


@pytest.mark.parametrize(
    ("match", "state"),
    [
        ([{"mode": "SERVER"}], State.IN_EFFECT),
        ([{"mode": "SERVER", "ports": [{"number": 8080}]}], State.IN_EFFECT),
        ([{"mode": "SERVER", "ports": [{"number": 8081}]}], State.UNKNOWN),
        ([{"mode": "CLIENT"}], State.NOT_IN_EFFECT),
        ([{"mode": "CLIENT", "ports": [{"number": 9}]}, {"ports": [{"number": 8080}]}], State.IN_EFFECT),
    ],
)
def test_a_match_chooses_the_chains(match: Json, state: State) -> None:
    listeners = inbound(http_chain(REFERENCE)), outbound(http_chain(port=None))
    found = judged({**SPEC, "match": match}, *listeners, more=(ecds(module()),))
    assert found.state is state


@pytest.mark.parametrize(
    ("more", "state", "because"),
    [
        ((), State.UNKNOWN, f"the extension configuration {NAME} (ECDS) was not captured"),
        ((ecds(),), State.NOT_IN_EFFECT, "has not arrived: its module may not be fetched yet"),
        (
            (ecds({"name": NAME, "typed_config": {"@type": f"{HTTP}.rbac.v3.RBAC"}}),),
            State.NOT_IN_EFFECT,
            "the module could not be fetched from oci://reg.example/plugin:1; an RBAC filter stands in (FAIL_OPEN)",
        ),
        ((ecds(module(root_id="other")),), State.PARTLY, "config.root_id is other, root was expected"),
        ((ecds(module(failure_policy="FAIL_CLOSED")),), State.PARTLY, "config.failure_policy is FAIL_CLOSED"),
        ((ecds(module(configuration={})),), State.PARTLY, 'config.configuration is absent, {"answer":42} was expected'),
    ],
)
def test_what_the_module_is_decides(more: tuple[Json, ...], state: State, because: str) -> None:
    found = judged(SPEC, inbound(http_chain(REFERENCE)), more=more)
    assert found.state is state
    assert because in found.because


def test_a_plugin_of_tcp_is_in_tcp_chains() -> None:
    reference = {**REFERENCE, "name": "shop.p"}
    wasm = module()["typed_config"]["config"]
    network = {"name": "shop.p", "typed_config": {"@type": f"{NETWORK}.wasm.v3.Wasm", "config": wasm}}
    spec = {**SPEC, "type": "NETWORK"}
    assert judged(spec, inbound(tcp_chain(reference)), more=(ecds(network),)).state is State.IN_EFFECT
    assert judged(spec, inbound(http_chain(reference)), more=(ecds(network),)).because == (
        "the proxy has no TCP filter chain"
    )
    assert judged(spec, inbound(tcp_chain(reference)), version="1.19.0").state is State.NOT_IN_EFFECT


def test_a_plugin_selects_workloads_as_policies_do() -> None:
    spec = {**SPEC, "selector": {"matchLabels": {"app": "other"}}}
    assert judged(spec, inbound(http_chain(REFERENCE))).because.startswith("its selector asks for app=other")
