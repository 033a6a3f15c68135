from __future__ import annotations

import pytest

from meshscope.effect.answer import State

from ..policies.small_mesh import HTTP, Json, http_chain, inbound
from .test_wasm_plugin import SPEC, ecds, judged, module

NAME = "extensions.istio.io/trafficextension/shop.p"
CODE = "function envoy_on_request(h) end"


def lua(code: str) -> Json:
    config = {"@type": f"{HTTP}.lua.v3.Lua", "default_source_code": {"inline_string": code}}
    return {"name": NAME, "typed_config": config}


@pytest.mark.parametrize(
    ("chain", "state"),
    [
        (http_chain(lua(CODE)), State.IN_EFFECT),
        (http_chain(lua("")), State.PARTLY),
        (http_chain(lua("[redacted]")), State.UNKNOWN),
        (http_chain(), State.NOT_IN_EFFECT),
    ],
)
def test_lua_is_in_the_chain_itself(chain: Json, state: State) -> None:
    found = judged({"lua": {"inlineCode": CODE}}, inbound(chain), kind="TrafficExtension", version="1.32.0")
    assert (found.state, found.rule) == (state, "")


def test_wasm_comes_as_that_of_a_plugin() -> None:
    chain = http_chain({"name": NAME, "config_discovery": {"config_source": {"ads": {}}}})
    code = {**module(), "name": NAME}
    found = judged({"wasm": SPEC}, inbound(chain), more=(ecds(code),), kind="TrafficExtension", version="1.32.0")
    assert found.state is State.IN_EFFECT


@pytest.mark.parametrize(
    ("spec", "version", "because"),
    [
        ({}, "1.32.0", "it has neither wasm nor lua"),
        ({"lua": {"inlineCode": CODE}}, "1.29.0", "Istio before 1.30 has no TrafficExtension"),
    ],
)
def test_what_istiod_makes_nothing_of(spec: Json, version: str, because: str) -> None:
    found = judged(spec, inbound(http_chain(lua(CODE))), kind="TrafficExtension", version=version)
    assert found.state is State.NOT_IN_EFFECT
    assert because in found.because
