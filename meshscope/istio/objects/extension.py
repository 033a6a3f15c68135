"""What WasmPlugin and TrafficExtension share: the traffic that they see, and the machine that runs Wasm.

https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
"""

from __future__ import annotations

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
