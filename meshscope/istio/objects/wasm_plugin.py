"""WasmPlugin: a Wasm filter in proxies. https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/"""

from __future__ import annotations

from meshscope.istio.objects.extension import TrafficSelector, WasmConfig
from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class WasmPluginSpec(WasmConfig, frozen=True, rename="camel"):
    """Within a phase the highest priority is first."""

    selector: PolicySelector | None = None
    target_ref: PolicyTargetReference | None = None
    target_refs: tuple[PolicyTargetReference, ...] = ()
    phase: str = "UNSPECIFIED_PHASE"
    priority: int | None = None
    match: tuple[TrafficSelector, ...] = ()


class WasmPlugin(Typed, frozen=True):
    spec: WasmPluginSpec = WasmPluginSpec()
    status: IstioStatus = IstioStatus()
