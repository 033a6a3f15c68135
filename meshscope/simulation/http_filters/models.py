"""Which HTTP filters are modelled, to what extent, and what is assumed of the others. docs/modelled.md shows this table.

The key is the filter's place in Envoy's API (`rbac` of `envoy.extensions.filters.http.rbac.v3.RBAC`), the whole type name of
a filter that is not Envoy's, or the name of an untyped filter of API v2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib import import_module

from msgspec import Struct

from meshscope.simulation.http_filters.filter import MakeFilter


class Extent(StrEnum):
    """How far a filter is modelled."""

    EXACTLY = "exactly"
    """It is decided as Envoy decides it; the note lists what remains unknown."""
    PARTLY = "partly"
    """Some of its answers depend on what no configuration contains; the note says which."""
    PASSES = "passes"
    """It never answers a request, whatever its configuration; the note says what it does instead."""
    UNKNOWN = "unknown"
    """It is assumed to let the request pass; the note says why that is unknown."""


EXACTLY, PARTLY, PASSES, UNKNOWN = Extent


class Model(Struct, frozen=True):
    """`note` completes the extent (see there). `module` is the file in filters/ with the filter's `make`, "" for none.

    `asks_for_route` False: a route that was cleared is not chosen again for this filter. `asks_with_body`: only where the
    request has a body. `in_two_parts`: it does what `make_early` makes, then asks for the route. `answers`: it may change
    the answers of other filters and of the router.
    """

    extent: Extent
    note: str = ""
    module: str = ""
    asks_for_route: bool = True
    asks_with_body: bool = False
    in_two_parts: bool = False
    answers: bool = False

    @property
    def make(self) -> MakeFilter | None:
        """Imports the module, so that only the filters in use are loaded."""
        return self._made("make")

    @property
    def make_early(self) -> MakeFilter | None:
        return self._made("make_early")

    def _made(self, name: str) -> MakeFilter | None:
        if not self.module:
            return None
        make: MakeFilter = getattr(import_module(f"meshscope.simulation.http_filters.filters.{self.module}"), name)
        return make


UNLISTED = Model(UNKNOWN, "meshscope does not know its type")
ROUTER = "router"
TERMINAL = frozenset({ROUTER, "upstream_codec"})
"""What ends a list: of a connection manager, and of a cluster."""

MODELS: Mapping[str, Model] = {
    "rbac": Model(EXACTLY, "CEL conditions, custom matchers and principals, and filter state are unknown", "rbac"),
    "fault": Model(EXACTLY, "the number of active faults is unknown; response rate limits change no answer", "fault"),
    "cors": Model(EXACTLY, "", "cors"),
    "csrf": Model(EXACTLY, "", "csrf"),
    "jwt_authn": Model(
        EXACTLY, "a token with a fetched key has two outcomes; filter state rules are unknown", "jwt_authn"
    ),
    "buffer": Model(PARTLY, "the length of a body is taken from content-length", "buffer", asks_with_body=True),
    "health_check": Model(
        PARTLY, "cached answers, the upstream's health and /healthcheck/fail are unknown", "health_check"
    ),
    "local_ratelimit": Model(PARTLY, "the fill level of a bucket is unknown", "local_rate_limit"),
    "ratelimit": Model(PARTLY, "the service may allow, refuse or fail, unless it cannot be reached", "rate_limit"),
    "ext_authz": Model(
        PARTLY,
        "the authorizer may allow, deny or fail, unless it cannot be reached; its headers are unknown; a body by its length",
        "ext_authz",
    ),
    "basic_auth": Model(EXACTLY, "a redacted password has two outcomes", "basic_auth"),
    "api_key_auth": Model(EXACTLY, "a redacted key has two outcomes", "api_key_auth"),
    "header_mutation": Model(
        PARTLY, "only request headers change; query parameters stay", "header_mutation", in_two_parts=True
    ),
    "header_to_metadata": Model(EXACTLY, "", "header_to_metadata"),
    "set_metadata": Model(PARTLY, "typed values are left out", "set_metadata"),
    "lua": Model(UNKNOWN, "scripts are not run; a filter without a script passes", "lua"),
    "wasm": Model(UNKNOWN, "plugins are not run; Istio's own plugins never answer", "wasm"),
    "istio.envoy.config.filter.http.authn.v2alpha1.FilterConfig": Model(EXACTLY, "", "istio_authn"),
    "istio_authn": Model(EXACTLY, "", "istio_authn"),
    "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig": Model(PASSES, "it replaces the upstream's ALPN"),
    "io.istio.http.peer_metadata.Config": Model(PASSES, "it records the peer's identity"),
    "istio.telemetry.metadata.v1alpha1.PeerMetadata": Model(PASSES, "it records the peer's identity"),
    "stats.PluginConfig": Model(PASSES, "it counts requests"),
    "istio.telemetry.stats.v1alpha1.PluginConfig": Model(PASSES, "it counts requests"),
    "envoy.tcp.metadataexchange.config.MetadataExchange": Model(PASSES, "it records the peer's identity"),
    "io.istio.http.connect_authority.Config": Model(PASSES, "it records the tunnel's authority"),
    "istio.stats": Model(PASSES, "it counts requests"),
    "istio.metadata_exchange": Model(PASSES, "it records the peer's identity"),
    "istio.alpn": Model(PASSES, "it replaces the upstream's ALPN"),
    "istio.workload_discovery": Model(PASSES, "it records the peer's identity"),
    "mixer": Model(UNKNOWN, "Mixer's answer is unknown"),
    "peer_metadata": Model(PASSES, "it records the peer's identity"),
    "adaptive_concurrency": Model(PARTLY, "it answers 503 when its window is full; the window is unknown"),
    "admission_control": Model(PARTLY, "it answers 503 when too few requests succeed; the success rate is unknown"),
    "dynamic_forward_proxy": Model(
        PARTLY, "whether a name resolves is unknown; hosts in filter state are left out", "dynamic_forward_proxy"
    ),
    "alternate_protocols_cache": Model(PASSES, "it records the upstream's protocols"),
    "aws_request_signing": Model(PARTLY, "the signature is unknown", "aws_request_signing"),
    "bandwidth_limit": Model(PASSES, "it slows bodies down"),
    "bandwidth_share": Model(PASSES, "it slows bodies down"),
    "compressor": Model(EXACTLY, "a body of unknown length has two outcomes", "compressor"),
    "connect_grpc_bridge": Model(
        PARTLY, "the message of a GET is not decoded", "grpc.connect_grpc_bridge", asks_for_route=False
    ),
    "credential_injector": Model(
        PARTLY,
        "the credential is not in a dump; without one it answers 401",
        "credential_injector",
        asks_for_route=False,
    ),
    "custom_response": Model(PARTLY, "what a redirect policy answers is unknown", "custom_response", answers=True),
    "decompressor": Model(EXACTLY, "a body of unknown length has two outcomes", "decompressor", asks_for_route=False),
    "dynamo": Model(PASSES, "it counts requests"),
    "file_system_buffer": Model(PASSES, "it buffers bodies"),
    "gcp_authn": Model(PARTLY, "the token, and whether there is one, is unknown", "gcp_authn"),
    "geoip": Model(PARTLY, "what the database says of the client is unknown", "geoip", asks_for_route=False),
    "grpc_field_extraction": Model(PASSES, "it records fields of the message"),
    "grpc_http1_bridge": Model(EXACTLY, "", "grpc.grpc_http1_bridge", asks_for_route=False),
    "grpc_http1_reverse_bridge": Model(
        PARTLY, "the content type of the upstream's answer is unknown", "grpc.grpc_http1_reverse_bridge"
    ),
    "grpc_stats": Model(PASSES, "it counts requests"),
    "grpc_web": Model(PARTLY, "whether a body is base64 is unknown", "grpc.grpc_web"),
    "gzip": Model(PASSES, "it changes bodies"),
    "ip_tagging": Model(
        PARTLY, "tags in a file are unknown, and the order of several tags", "ip_tagging", asks_for_route=False
    ),
    "json_to_metadata": Model(PARTLY, "what a body holds is unknown", "json_to_metadata"),
    "on_demand": Model(PASSES, "it waits for configuration"),
    "original_src": Model(PASSES, "it sets the upstream connection's source"),
    "proto_message_extraction": Model(PASSES, "it records fields of the message"),
    "set_filter_state": Model(
        PARTLY, "filter state is not modelled; a cleared route is chosen again", "set_filter_state"
    ),
    "squash": Model(PASSES, "it waits for a debugger"),
    "sse_to_metadata": Model(PASSES, "it records fields of responses"),
    "stateful_session": Model(
        EXACTLY,
        "a session that an earlier filter writes is unknown, and so is one of a cluster that finds its hosts itself",
        "stateful_session",
    ),
    "tap": Model(PASSES, "it records traffic"),
    "thrift_to_metadata": Model(PASSES, "it records fields of the body"),
    "aws_lambda": Model(UNKNOWN, "it turns the request into a function call"),
    "body_size_limit": Model(UNKNOWN, "it may refuse a body for its size"),
    "cache": Model(UNKNOWN, "it may answer from its cache"),
    "cache_v2": Model(UNKNOWN, "it may answer from its cache"),
    "cdn_loop": Model(UNKNOWN, "it answers a loop with 502"),
    "composite": Model(UNKNOWN, "the filter that it chooses is not evaluated"),
    "dynamic_modules": Model(UNKNOWN, "it runs code from outside the configuration"),
    "ext_proc": Model(UNKNOWN, "an external processor may change or answer anything"),
    "file_server": Model(UNKNOWN, "it answers with files"),
    "golang": Model(UNKNOWN, "it runs code from outside the configuration"),
    "grpc_json_reverse_transcoder": Model(UNKNOWN, "it may refuse requests that do not fit its descriptors"),
    "grpc_json_transcoder": Model(UNKNOWN, "it may refuse requests that do not fit its descriptors"),
    "kill_request": Model(UNKNOWN, "it may terminate Envoy itself"),
    "match_delegate": Model(UNKNOWN, "its matcher, which may skip the inner filter, is not evaluated"),
    "oauth2": Model(UNKNOWN, "it answers clients without a session"),
    "rate_limit_quota": Model(UNKNOWN, "quotas are assigned at run time"),
    "transform": Model(UNKNOWN, "it may change the request"),
}

_ALIASES = {"rate_limit": "ratelimit"}
"""Types of API v2 as they are named after the conversion to v3."""


@lru_cache(maxsize=4096)
def key_of(type_name: str, name: str) -> str:
    """The table's key for a filter: from its type, or from its name where it has no type."""
    if not type_name:
        return name.removeprefix("envoy.filters.http.").removeprefix("envoy.")
    if type_name == "envoy.extensions.common.matching.v3.ExtensionWithMatcher":
        return "match_delegate"
    match = re.fullmatch(r"envoy\.extensions\.filters\.http\.(\w+)\.v\d\w*\.\w+", type_name)
    return _ALIASES.get(match[1], match[1]) if match else type_name


def model_of(type_name: str, name: str) -> Model:
    return MODELS.get(key_of(type_name, name), UNLISTED)
