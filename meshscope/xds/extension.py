"""Envoy's extensions: a name and a typed configuration, whose kind is its `@type` and never its name.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/extension.proto
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module

import msgspec
from msgspec import Raw, Struct

from meshscope.xds.message import Message, Undecodable, decode, present

_FILTERS, _SOCKETS = "envoy.extensions.filters", "envoy.extensions.transport_sockets"
MODELLED = {
    f"{_FILTERS}.network.http_connection_manager.v3.HttpConnectionManager": (
        "http_connection_manager",
        "HttpConnectionManager",
    ),
    f"{_FILTERS}.network.tcp_proxy.v3.TcpProxy": ("tcp_proxy", "TcpProxy"),
    "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext": ("tls", "DownstreamTlsContext"),
    "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext": ("tls", "UpstreamTlsContext"),
    "envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport": ("tls", "QuicDownstreamTransport"),
    "envoy.extensions.transport_sockets.quic.v3.QuicUpstreamTransport": ("tls", "QuicUpstreamTransport"),
    f"{_SOCKETS}.internal_upstream.v3.InternalUpstreamTransport": ("wrapping_socket", "InternalUpstreamTransport"),
    f"{_SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport": (
        "wrapping_socket",
        "ProxyProtocolUpstreamTransport",
    ),
    f"{_SOCKETS}.http_11_proxy.v3.Http11ProxyUpstreamTransport": ("wrapping_socket", "WrappingSocket"),
    f"{_SOCKETS}.tcp_stats.v3.Config": ("wrapping_socket", "WrappingSocket"),
    "envoy.extensions.transport_sockets.tls.v3.Secret": ("secret", "Secret"),
    "envoy.extensions.clusters.aggregate.v3.ClusterConfig": ("cluster", "AggregateClusterConfig"),
    "envoy.extensions.clusters.composite.v3.ClusterConfig": ("cluster", "CompositeClusterConfig"),
    "envoy.config.route.v3.FilterConfig": ("http_filter_config", "FilterConfig"),
    "envoy.config.rbac.v3.Action": ("rbac", "Action"),
    f"{_FILTERS}.network.rbac.v3.RBAC": ("rbac", "RBAC"),
    f"{_FILTERS}.http.rbac.v3.RBAC": ("rbac", "RBAC"),
    f"{_FILTERS}.http.rbac.v3.RBACPerRoute": ("rbac", "RBACPerRoute"),
    f"{_FILTERS}.http.router.v3.Router": ("http_filter_config", "Router"),
    f"{_FILTERS}.http.fault.v3.HTTPFault": ("fault", "HTTPFault"),
    f"{_FILTERS}.http.cors.v3.Cors": ("cors", "Cors"),
    f"{_FILTERS}.http.cors.v3.CorsPolicy": ("cors", "CorsPolicy"),
    f"{_FILTERS}.http.csrf.v3.CsrfPolicy": ("cors", "CsrfPolicy"),
    f"{_FILTERS}.http.jwt_authn.v3.JwtAuthentication": ("jwt_authn", "JwtAuthentication"),
    f"{_FILTERS}.http.jwt_authn.v3.PerRouteConfig": ("jwt_authn", "PerRouteConfig"),
    f"{_FILTERS}.http.local_ratelimit.v3.LocalRateLimit": ("rate_limit", "LocalRateLimit"),
    f"{_FILTERS}.http.ratelimit.v3.RateLimit": ("rate_limit", "RateLimit"),
    f"{_FILTERS}.http.ratelimit.v3.RateLimitPerRoute": ("rate_limit", "RateLimitPerRoute"),
    f"{_FILTERS}.http.ext_authz.v3.ExtAuthz": ("ext_authz", "ExtAuthz"),
    f"{_FILTERS}.http.ext_authz.v3.ExtAuthzPerRoute": ("ext_authz", "ExtAuthzPerRoute"),
    f"{_FILTERS}.http.health_check.v3.HealthCheck": ("http_filter_config", "HealthCheck"),
    f"{_FILTERS}.http.buffer.v3.Buffer": ("http_filter_config", "Buffer"),
    f"{_FILTERS}.http.buffer.v3.BufferPerRoute": ("http_filter_config", "BufferPerRoute"),
    f"{_FILTERS}.http.lua.v3.Lua": ("http_filter_config", "Lua"),
    f"{_FILTERS}.http.lua.v3.LuaPerRoute": ("http_filter_config", "LuaPerRoute"),
    f"{_FILTERS}.http.basic_auth.v3.BasicAuth": ("http_filter_config", "BasicAuth"),
    f"{_FILTERS}.http.basic_auth.v3.BasicAuthPerRoute": ("http_filter_config", "BasicAuthPerRoute"),
    f"{_FILTERS}.http.api_key_auth.v3.ApiKeyAuth": ("http_filter_config", "ApiKeyAuth"),
    f"{_FILTERS}.http.api_key_auth.v3.ApiKeyAuthPerRoute": ("http_filter_config", "ApiKeyAuthPerRoute"),
    f"{_FILTERS}.http.header_mutation.v3.HeaderMutation": ("header_mutation", "HeaderMutation"),
    f"{_FILTERS}.http.header_mutation.v3.HeaderMutationPerRoute": ("header_mutation", "HeaderMutationPerRoute"),
    f"{_FILTERS}.http.header_to_metadata.v3.Config": ("header_mutation", "HeaderToMetadata"),
    f"{_FILTERS}.http.dynamic_forward_proxy.v3.PerRouteConfig": ("http_filter_config", "DynamicForwardProxyPerRoute"),
    f"{_FILTERS}.http.dynamic_forward_proxy.v3.FilterConfig": ("http_filter_config", "DynamicForwardProxy"),
    f"{_FILTERS}.http.set_metadata.v3.Config": ("header_mutation", "SetMetadata"),
    f"{_FILTERS}.http.ip_tagging.v3.IPTagging": ("ip_tagging", "IpTagging"),
    f"{_FILTERS}.http.set_filter_state.v3.Config": ("set_filter_state", "SetFilterState"),
    f"{_FILTERS}.http.json_to_metadata.v3.JsonToMetadata": ("json_to_metadata", "JsonToMetadata"),
    f"{_FILTERS}.http.compressor.v3.Compressor": ("compression", "Compressor"),
    f"{_FILTERS}.http.compressor.v3.CompressorPerRoute": ("compression", "CompressorPerRoute"),
    f"{_FILTERS}.http.decompressor.v3.Decompressor": ("compression", "Decompressor"),
    f"{_FILTERS}.http.geoip.v3.Geoip": ("header_writers", "Geoip"),
    f"{_FILTERS}.http.gcp_authn.v3.GcpAuthnFilterConfig": ("header_writers", "GcpAuthn"),
    f"{_FILTERS}.http.aws_request_signing.v3.AwsRequestSigning": ("header_writers", "AwsRequestSigning"),
    f"{_FILTERS}.http.aws_request_signing.v3.AwsRequestSigningPerRoute": (
        "header_writers",
        "AwsRequestSigningPerRoute",
    ),
    f"{_FILTERS}.http.stateful_session.v3.StatefulSession": ("stateful_session", "StatefulSession"),
    f"{_FILTERS}.http.stateful_session.v3.StatefulSessionPerRoute": ("stateful_session", "StatefulSessionPerRoute"),
    f"{_FILTERS}.http.credential_injector.v3.CredentialInjector": ("credential_injector", "CredentialInjector"),
    f"{_FILTERS}.http.grpc_web.v3.GrpcWeb": ("grpc_bridges", "GrpcWeb"),
    f"{_FILTERS}.http.grpc_http1_bridge.v3.Config": ("grpc_bridges", "Http1Bridge"),
    f"{_FILTERS}.http.grpc_http1_reverse_bridge.v3.FilterConfig": ("grpc_bridges", "ReverseBridge"),
    f"{_FILTERS}.http.grpc_http1_reverse_bridge.v3.FilterConfigPerRoute": ("grpc_bridges", "ReverseBridgePerRoute"),
    f"{_FILTERS}.http.connect_grpc_bridge.v3.FilterConfig": ("grpc_bridges", "ConnectBridge"),
    f"{_FILTERS}.http.custom_response.v3.CustomResponse": ("custom_response", "CustomResponse"),
    "envoy.extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy": (
        "custom_response",
        "LocalResponsePolicy",
    ),
    f"{_FILTERS}.http.wasm.v3.Wasm": ("istio_filters", "Wasm"),
    f"{_FILTERS}.network.wasm.v3.Wasm": ("istio_filters", "Wasm"),
    "istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig": ("istio_filters", "IstioAuthn"),
    "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig": ("istio_filters", "IstioAlpn"),
}
"""Which type is read as what (module, class); everything else is Unmodelled. A class is imported when it is met."""

_TYPED_STRUCTS = ("udpa.type.v1.TypedStruct", "xds.type.v3.TypedStruct")


class Unmodelled(Struct, frozen=True):
    """A message whose type meshscope does not read: its name and its slice. A value, never an error."""

    type_name: str
    raw: Raw


class _Typed(Struct):
    type_url: str = msgspec.field(name="@type", default="")


class _TypedStruct(Struct):
    type_url: str = ""
    value: Raw = Raw()


def type_name(type_url: str) -> str:
    """`envoy.….Router` of `type.googleapis.com/envoy.….Router`."""
    return type_url.rpartition("/")[2]


def unpacked(typed_config: Raw) -> tuple[str, Raw]:
    """The type name and the body of an Any; a TypedStruct that wraps a type acts as that type."""
    head = decode(typed_config, _Typed)
    if isinstance(head, Undecodable):
        return "", typed_config
    name = type_name(head.type_url)
    if name in _TYPED_STRUCTS:
        wrapped = decode(typed_config, _TypedStruct)
        if isinstance(wrapped, _TypedStruct):
            return type_name(wrapped.type_url), wrapped.value
    return name, typed_config


class Extension(Message, frozen=True, dict=True):
    """A filter, transport socket, matcher input …: `{name, typed_config}` and what may stand in its place."""

    name: str = ""
    typed_config: Raw = Raw()
    config_discovery: Raw = Raw()
    is_optional: bool = False
    disabled: bool = False

    @cached_property
    def _unpacked(self) -> tuple[str, Raw]:
        return unpacked(self.typed_config) if present(self.typed_config) else ("", self.typed_config)

    @property
    def type_name(self) -> str:
        """The configured type, "" where there is none (filters of API v2, config discovery)."""
        return self._unpacked[0]

    @cached_property
    def config(self) -> Message | Unmodelled | Undecodable:
        """The configuration as its typed message, read when first asked for."""
        name, body = self._unpacked
        home = MODELLED.get(name)
        if home is None:
            return Unmodelled(name, body)
        kind: type[Message] = getattr(import_module(f"meshscope.xds.{home[0]}"), home[1])
        return decode(body if present(body) else Raw(b"{}"), kind)
