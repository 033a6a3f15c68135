"""What WasmPlugin and TrafficExtension share: the traffic that they see, and the machine that runs Wasm.

https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.typed import Typed


class PortSelector(Typed, frozen=True):
    number: int = 0


class TrafficSelector(Typed, frozen=True):
    """Both must hold; without `ports` all ports do."""

    mode: str = "UNDEFINED"
    ports: tuple[PortSelector, ...] = ()


class EnvVar(Typed, frozen=True, rename="camel"):
    """`value_from` INLINE takes `value`, HOST the proxy's own variable of that name."""

    name: str = ""
    value_from: str = "INLINE"
    value: str = ""


class VmConfig(Typed, frozen=True):
    env: tuple[EnvVar, ...] = ()


class WasmConfig(Typed, frozen=True, rename="camel"):
    """`url` has the scheme `oci` (the default), `file`, `http` or `https`. `plugin_config` is the plugin's own; an empty slice
    where it is absent.
    """

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
