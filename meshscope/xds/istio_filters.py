"""Istio's own HTTP filters whose configuration matters to a request.

https://github.com/istio/proxy (authn of Istio up to 1.23, alpn)
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from meshscope.xds.message import Message


class AuthnMethod(Message, frozen=True):
    """One of the fields is set."""

    mtls: dict[str, Any] | None = None
    jwt: dict[str, Any] | None = None


class AuthnPolicy(Message, frozen=True):
    """`principal_binding` is USE_PEER or USE_ORIGIN."""

    peers: tuple[AuthnMethod, ...] = ()
    peer_is_optional: bool = False
    origins: tuple[AuthnMethod, ...] = ()
    origin_is_optional: bool = False
    principal_binding: str = "USE_PEER"


class IstioAuthn(Message, frozen=True):
    policy: AuthnPolicy = AuthnPolicy()
    jwt_output_payload_locations: dict[str, str] = {}
    skip_validate_trust_domain: bool = False
    disable_clear_route_cache: bool = False


class AlpnOverride(Message, frozen=True):
    """`upstream_protocol` is HTTP10, HTTP11 or HTTP2."""

    upstream_protocol: str = "HTTP10"
    alpn_override: tuple[str, ...] = ()


class IstioAlpn(Message, frozen=True):
    alpn_override: tuple[AlpnOverride, ...] = ()


class WasmVm(Message, frozen=True):
    vm_id: str = ""
    runtime: str = ""
    code: Raw = Raw()


class WasmModule(Message, frozen=True):
    name: str = ""
    root_id: str = ""
    vm_config: WasmVm = WasmVm()
    configuration: Raw = Raw()
    fail_open: bool = False
    failure_policy: str = "UNSPECIFIED"


class Wasm(Message, frozen=True):
    config: WasmModule = WasmModule()


class MetricConfig(Message, frozen=True):
    """Tags by their expression in CEL."""

    name: str = ""
    dimensions: dict[str, str] = {}
    tags_to_remove: tuple[str, ...] = ()
    drop: bool = False


class Stats(Message, frozen=True):
    """`stats.PluginConfig` of the filter `istio.stats`."""

    metrics: tuple[MetricConfig, ...] = ()
