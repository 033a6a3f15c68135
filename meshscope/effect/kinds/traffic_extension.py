"""TrafficExtension: whether its Wasm or Lua filter is in the chains that its match asks for.

https://istio.io/latest/docs/reference/config/proxy_extensions/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.extensions import at_chain
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.reach import everywhere, left_out
from meshscope.effect.written import Written
from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.traffic_extension import TrafficExtension
from meshscope.path import Path

_PREFIX = "extensions.istio.io/trafficextension/"


def rules(_value: TrafficExtension) -> Iterator[Path]:
    """It is one rule."""
    yield at_chain.WHOLE


class Attached(Struct, frozen=True):
    """What it applies to, in the words of the other kinds."""

    selector: PolicySelector | None
    target_refs: tuple[PolicyTargetReference, ...]
    target_ref: PolicyTargetReference | None = None


def outcomes(configuration: Configuration, one: Written[TrafficExtension], client: Client) -> Iterator[Outcome]:
    spec = one.value.spec
    if not configuration.is_since(1, 30):
        yield from everywhere(rules(one.value), State.NOT_IN_EFFECT, "Istio before 1.30 has no TrafficExtension")
    elif spec.wasm is None and spec.lua is None:
        yield from everywhere(
            rules(one.value), State.NOT_IN_EFFECT, "it has neither wasm nor lua, so that it is nothing"
        )
    elif others := left_out(configuration, one.namespace, attached(one), client, rules(one.value)):
        yield from others
    else:
        yield from at_chain.outcomes(configuration, asked(one), client)


def attached(one: Written[TrafficExtension]) -> Attached:
    return Attached(one.value.spec.selector, one.value.spec.target_refs)


def asked(one: Written[TrafficExtension]) -> at_chain.Asked:
    spec = one.value.spec
    lua = spec.lua.inline_code if spec.lua else ""
    name = f"{_PREFIX}{one.namespace}.{one.item.name}"
    return at_chain.Asked(names=(name,), match=spec.match, wasm=spec.wasm, lua=lua)
