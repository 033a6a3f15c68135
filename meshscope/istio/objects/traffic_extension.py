"""TrafficExtension: a Wasm or Lua filter in proxies.

https://istio.io/latest/docs/reference/config/proxy_extensions/
"""

from __future__ import annotations

from meshscope.istio.objects.extension import TrafficSelector, WasmConfig
from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class LuaConfig(Typed, frozen=True, rename="camel"):
    inline_code: str = ""


class TrafficExtensionSpec(Typed, frozen=True, rename="camel"):
    """One of `wasm` and `lua`. Within a phase the highest priority is first."""

    selector: PolicySelector | None = None
    target_refs: tuple[PolicyTargetReference, ...] = ()
    phase: str = "UNSPECIFIED"
    priority: int | None = None
    match: tuple[TrafficSelector, ...] = ()
    wasm: WasmConfig | None = None
    lua: LuaConfig | None = None


class TrafficExtension(Typed, frozen=True):
    spec: TrafficExtensionSpec = TrafficExtensionSpec()
    status: IstioStatus = IstioStatus()
