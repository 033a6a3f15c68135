"""Which HTTP filters are modelled, how far, and what the rest is taken for. docs/modelled.md is made of this table.

The key is the filter's place in Envoy's API (`rbac` of `envoy.extensions.filters.http.rbac.v3.RBAC`), a whole type name
for filters of others, or the name of an untyped filter of API v2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module

from msgspec import Struct

from meshscope.simulation.http_filters.filter import MakeFilter

EXACTLY, PARTLY, PASSES, UNKNOWN = "exactly", "partly", "passes", "unknown"


class Model(Struct, frozen=True):
    """`extent` is one of the four words above; `note` says what is left out, or why the filter never answers."""

    extent: str
    note: str = ""
    module: str = ""

    @property
    def make(self) -> MakeFilter | None:
        if not self.module:
            return None
        made: MakeFilter = import_module(f"meshscope.simulation.http_filters.filters.{self.module}").make
        return made


NOT_KNOWN = Model(UNKNOWN, "it is not known to meshscope")
ROUTER = "router"

MODELS: Mapping[str, Model] = {
    "rbac": Model(EXACTLY, "CEL conditions, custom matchers and principals, filter state are unknown", "rbac"),
    "fault": Model(EXACTLY, "the number of active faults is not known; response rate limits change no answer", "fault"),
    "cors": Model(EXACTLY, "", "cors"),
    "csrf": Model(EXACTLY, "", "csrf"),
    "jwt_authn": Model(EXACTLY, "keys that are fetched are two outcomes; filter state rules are unknown", "jwt_authn"),
    "buffer": Model(PARTLY, "a body is as long as content-length says", "buffer"),
    "health_check": Model(
        PARTLY, "cached answers, the upstream's health and /healthcheck/fail are not known", "health_check"
    ),
    "local_ratelimit": Model(PARTLY, "how full a bucket is nobody knows", "local_rate_limit"),
    "ratelimit": Model(PARTLY, "the service's answer is two outcomes", "rate_limit"),
    "ext_authz": Model(PARTLY, "the authorizer's answer is two outcomes", "ext_authz"),
    "basic_auth": Model(EXACTLY, "passwords that a dump hides are two outcomes", "basic_auth"),
    "api_key_auth": Model(EXACTLY, "keys that a dump hides are two outcomes", "api_key_auth"),
    "header_mutation": Model(PARTLY, "of the request's headers; query parameters stay", "header_mutation"),
    "header_to_metadata": Model(EXACTLY, "", "header_to_metadata"),
    "set_metadata": Model(PARTLY, "typed values are left out", "set_metadata"),
    "lua": Model(UNKNOWN, "scripts are not run; without one it passes", "lua"),
    "wasm": Model(UNKNOWN, "except Istio's own plugins, which never answer", "wasm"),
    "istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig": Model(EXACTLY, "", "istio_authn"),
    "istio_authn": Model(EXACTLY, "", "istio_authn"),
    "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig": Model(PASSES, "it replaces the upstream's ALPN"),
    "io.istio.http.peer_metadata.Config": Model(PASSES, "it notes who the peer is"),
    "istio.telemetry.metadata.v1alpha1.PeerMetadata": Model(PASSES, "it notes who the peer is"),
    "stats.PluginConfig": Model(PASSES, "it counts"),
    "istio.telemetry.stats.v1alpha1.PluginConfig": Model(PASSES, "it counts"),
    "envoy.tcp.metadataexchange.config.MetadataExchange": Model(PASSES, "it notes who the peer is"),
    "io.istio.http.connect_authority.Config": Model(PASSES, "it notes the tunnel's authority"),
    "istio.stats": Model(PASSES, "it counts"),
    "istio.metadata_exchange": Model(PASSES, "it notes who the peer is"),
    "istio.alpn": Model(PASSES, "it replaces the upstream's ALPN"),
    "istio.workload_discovery": Model(PASSES, "it notes who the peer is"),
    "mixer": Model(UNKNOWN, "Mixer's answer is not known"),
    "peer_metadata": Model(PASSES, "it notes who the peer is"),
    "adaptive_concurrency": Model(PARTLY, "it answers 503 when its window is full, which nobody knows"),
    "admission_control": Model(PARTLY, "it answers 503 when too few requests succeed, which nobody knows"),
    "dynamic_forward_proxy": Model(PARTLY, "a name that does not resolve is answered 503"),
    "alternate_protocols_cache": Model(PASSES, "it notes what the upstream offers"),
    "aws_request_signing": Model(PASSES, "it adds headers for the upstream"),
    "bandwidth_limit": Model(PASSES, "it slows bodies down"),
    "bandwidth_share": Model(PASSES, "it slows bodies down"),
    "compressor": Model(PASSES, "it changes bodies"),
    "connect_grpc_bridge": Model(PASSES, "it changes the request's form"),
    "credential_injector": Model(PASSES, "it adds a header for the upstream"),
    "custom_response": Model(PASSES, "it changes responses"),
    "decompressor": Model(PASSES, "it changes bodies"),
    "dynamo": Model(PASSES, "it counts"),
    "file_system_buffer": Model(PASSES, "it holds bodies back"),
    "gcp_authn": Model(PASSES, "it adds a header for the upstream"),
    "geoip": Model(PASSES, "it adds headers, which later filters are judged without"),
    "grpc_field_extraction": Model(PASSES, "it notes fields of the message"),
    "grpc_http1_bridge": Model(PASSES, "it changes the request's form"),
    "grpc_http1_reverse_bridge": Model(PASSES, "it changes the request's form"),
    "grpc_stats": Model(PASSES, "it counts"),
    "grpc_web": Model(PASSES, "it changes the request's form"),
    "gzip": Model(PASSES, "it changes bodies"),
    "ip_tagging": Model(PASSES, "it adds a header, which later filters are judged without"),
    "json_to_metadata": Model(PASSES, "it notes fields of the body"),
    "on_demand": Model(PASSES, "it waits for configuration"),
    "original_src": Model(PASSES, "it sets the upstream connection's source"),
    "proto_message_extraction": Model(PASSES, "it notes fields of the message"),
    "set_filter_state": Model(PASSES, "filter state is not modelled"),
    "squash": Model(PASSES, "it waits for a debugger"),
    "sse_to_metadata": Model(PASSES, "it notes fields of responses"),
    "stateful_session": Model(PASSES, "it prefers an endpoint"),
    "tap": Model(PASSES, "it listens"),
    "thrift_to_metadata": Model(PASSES, "it notes fields of the body"),
    "aws_lambda": Model(UNKNOWN, "it turns the request into a call of a function"),
    "body_size_limit": Model(UNKNOWN, "it may answer by the body's size"),
    "cache": Model(UNKNOWN, "it may answer from its cache"),
    "cache_v2": Model(UNKNOWN, "it may answer from its cache"),
    "cdn_loop": Model(UNKNOWN, "it answers 502 to a loop"),
    "composite": Model(UNKNOWN, "the filter that it chooses is not asked"),
    "dynamic_modules": Model(UNKNOWN, "it runs code that is not in the configuration"),
    "ext_proc": Model(UNKNOWN, "an external processor may change or answer anything"),
    "file_server": Model(UNKNOWN, "it answers with files"),
    "golang": Model(UNKNOWN, "it runs code that is not in the configuration"),
    "grpc_json_reverse_transcoder": Model(UNKNOWN, "it may refuse what does not fit its descriptors"),
    "grpc_json_transcoder": Model(UNKNOWN, "it may refuse what does not fit its descriptors"),
    "kill_request": Model(UNKNOWN, "it may end Envoy itself"),
    "match_delegate": Model(UNKNOWN, "whether the filter within is skipped is not asked"),
    "oauth2": Model(UNKNOWN, "it answers clients without a session"),
    "rate_limit_quota": Model(UNKNOWN, "its quotas are assigned at run time"),
    "transform": Model(UNKNOWN, "it may change the request"),
}

_ALIASES = {"rate_limit": "ratelimit"}
"""Types of API v2 as they read after the upgrade."""


@lru_cache(maxsize=4096)
def key_of(type_name: str, name: str) -> str:
    """The table's key of a filter by its type, or by its name where it has no type."""
    if not type_name:
        return name.removeprefix("envoy.filters.http.").removeprefix("envoy.")
    if type_name == "envoy.extensions.common.matching.v3.ExtensionWithMatcher":
        return "match_delegate"
    found = re.fullmatch(r"envoy\.extensions\.filters\.http\.(\w+)\.v\d\w*\.\w+", type_name)
    return _ALIASES.get(found[1], found[1]) if found else type_name


def model_of(type_name: str, name: str) -> Model:
    return MODELS.get(key_of(type_name, name), NOT_KNOWN)
