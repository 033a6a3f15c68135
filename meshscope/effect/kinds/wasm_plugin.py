"""WasmPlugin: whether its filter is in the chains that its match asks for, and its module there.

https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.extensions import at_chain
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.reach import everywhere, left_out
from meshscope.effect.written import Written
from meshscope.istio.objects.wasm_plugin import WasmPlugin
from meshscope.path import Path

_PREFIX = "extensions.istio.io/wasmplugin/"


def rules(_value: WasmPlugin) -> Iterator[Path]:
    """It is one rule."""
    yield at_chain.WHOLE


def outcomes(configuration: Configuration, one: Written[WasmPlugin], client: Client) -> Iterator[Outcome]:
    spec = one.value.spec
    if others := left_out(configuration, one.namespace, spec, client, rules(one.value)):
        yield from others
    elif spec.type == "NETWORK" and not configuration.is_since(1, 20):
        yield from everywhere(rules(one.value), State.NOT_IN_EFFECT, "Istio before 1.20 has no plugins for TCP")
    else:
        yield from at_chain.outcomes(configuration, asked(one), client)


def asked(one: Written[WasmPlugin]) -> at_chain.Asked:
    own = f"{one.namespace}.{one.item.name}"
    return at_chain.Asked(names=(f"{_PREFIX}{own}", own), match=one.value.spec.match, wasm=one.value.spec)
