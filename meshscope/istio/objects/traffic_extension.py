"""TrafficExtension: a Wasm or Lua filter in proxies.

https://istio.io/latest/docs/reference/config/proxy_extensions/
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.istio.objects.extension import TrafficSelector, VmConfig
from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class WasmConfig(Typed, frozen=True, rename="camel"):
    """As of WasmPlugin."""

    url: str = ""
    sha256: str = ""
    image_pull_policy: str = "UNSPECIFIED_POLICY"
    image_pull_secret: str = ""
    verification_key: str = ""
    plugin_config: Raw = Raw()
    plugin_name: str = ""
    fail_strategy: str = "FAIL_CLOSE"
    vm_config: VmConfig | None = None
    type: str = "UNSPECIFIED_PLUGIN_TYPE"


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
