"""WasmPlugin: a Wasm filter in proxies. https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/"""

from __future__ import annotations

from msgspec import Raw

from meshscope.istio.objects.extension import TrafficSelector, VmConfig
from meshscope.istio.objects.selectors import PolicySelector, PolicyTargetReference
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class WasmPluginSpec(Typed, frozen=True, rename="camel"):
    """`url` has the scheme `oci` (the default), `file`, `http` or `https`. Within a phase the highest priority is first.

    `plugin_config` is the plugin's own; an empty slice where it is absent.
    """

    selector: PolicySelector | None = None
    target_ref: PolicyTargetReference | None = None
    target_refs: tuple[PolicyTargetReference, ...] = ()
    url: str = ""
    sha256: str = ""
    image_pull_policy: str = "UNSPECIFIED_POLICY"
    image_pull_secret: str = ""
    verification_key: str = ""
    plugin_config: Raw = Raw()
    plugin_name: str = ""
    phase: str = "UNSPECIFIED_PHASE"
    priority: int | None = None
    fail_strategy: str = "FAIL_CLOSE"
    vm_config: VmConfig | None = None
    match: tuple[TrafficSelector, ...] = ()
    type: str = "UNSPECIFIED_PLUGIN_TYPE"


class WasmPlugin(Typed, frozen=True):
    spec: WasmPluginSpec = WasmPluginSpec()
    status: IstioStatus = IstioStatus()
