"""The WasmPlugins and TrafficExtensions of a mesh, as istiod sorts them for a filter chain.

By phase, within it the highest priority first, then those of the proxy's own namespace, then the oldest.
https://github.com/istio/istio/blob/master/pilot/pkg/model/push_context.go
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.extensions.at_chain import Asked
from meshscope.effect.kinds import traffic_extension, wasm_plugin
from meshscope.effect.policies.selection import Attached, Selection, selection
from meshscope.effect.written import Written
from meshscope.istio.objects.traffic_extension import TrafficExtension
from meshscope.istio.objects.wasm_plugin import WasmPlugin
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.applied import named

GROUP = "extensions.istio.io"
KINDS: dict[tuple[str, str], Any] = {(GROUP, "WasmPlugin"): WasmPlugin, (GROUP, "TrafficExtension"): TrafficExtension}
PHASES = ("AUTHN", "AUTHZ", "STATS", "")
"""In the order of the filters of a chain; "" for those that name none."""
_LONGEST_CODE = 65536
_LOWEST = -(2**63)


class Plugin(Struct, frozen=True, eq=False):
    """One object that istiod makes a filter of. `name` is that of the filter which it would make now."""

    owner: Written[Any]
    asked: Asked
    attached: Attached
    phase: str
    priority: int
    name: str

    @property
    def object(self) -> str:
        return str(named(self.owner.item))

    @property
    def is_wasm(self) -> bool:
        return self.asked.wasm is not None

    def selection(self, configuration: Configuration, client: Client) -> Selection:
        return selection(configuration, self.owner.namespace, self.attached, client)

    @property
    def why_unknown(self) -> str:
        """Why the filters that it makes are not known; "" where they are."""
        if self.asked.wasm is not None and self.asked.wasm.type == "NETWORK":
            return "a plugin for connections (type NETWORK) is not rebuilt"
        if self.asked.names_ports:
            return "its match names ports; whether istiod compares a Service's port or that of its pods is not modelled"
        return ""


def has_plugins(mesh: Mesh) -> bool:
    return any(any(mesh.objects_of(kind, group)) for group, kind in KINDS)


def plugins_of(configuration: Configuration) -> Iterator[Plugin]:
    """Those that the control plane knows and does not discard, the oldest first of each kind."""
    if configuration.is_since(1, 12):
        for one in configuration.typed("WasmPlugin", WasmPlugin, GROUP):
            asked = wasm_plugin.asked(one)
            name = asked.names[0 if configuration.is_since(1, 17) else -1]
            yield Plugin(one, asked, one.value.spec, _phase(one.value.spec), _priority(one.value.spec), name)
    if configuration.is_since(1, 30):
        for each in configuration.typed("TrafficExtension", TrafficExtension, GROUP):
            spec, asked = each.value.spec, traffic_extension.asked(each)
            is_made = bool(asked.wasm.url) if asked.wasm else 0 < len(asked.lua) <= _LONGEST_CODE
            if is_made:
                attached = traffic_extension.attached(each)
                yield Plugin(each, asked, attached, _phase(spec), _priority(spec), asked.names[0])


def _phase(spec: Any) -> str:
    return spec.phase if spec.phase in PHASES else ""


def _priority(spec: Any) -> int:
    return _LOWEST if spec.priority is None else spec.priority


def in_order(plugins: list[Plugin], present: list[str], client: Client) -> list[Plugin]:
    """Of one chain, which has filters of the names `present` today: what tells nothing of their order stays in that."""

    def rank(one: Plugin) -> tuple[Any, ...]:
        place = present.index(one.name) if one.name in present else len(present)
        return PHASES.index(one.phase), -one.priority, one.owner.namespace != client.namespace, place

    return sorted(plugins, key=rank)


def tied(configuration: Configuration, one: Plugin, other: Plugin) -> bool:
    """Whether nothing tells which of two filters of a chain is the first one."""
    if (one.phase, one.priority) != (other.phase, other.priority):
        return False
    is_known = configuration.ages.is_known(one.owner.item, other.owner.item)
    return one.owner.namespace != other.owner.namespace or not is_known
