"""API v2 (Envoy to 1.17, Istio to 1.6) -> v3 terms, on snake_case messages.

The renamings of https://www.envoyproxy.io/docs/envoy/v1.17.0/faq/api/transition and of the deprecated fields in the v2
reference. A filter with an untyped `config` gets the type that its name stands for.
"""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
TYPE = "type.googleapis.com/"
UNTYPED = TYPE + "udpa.type.v1.TypedStruct"

_TYPES = {
    "envoy.api.v2.Listener": "envoy.config.listener.v3.Listener",
    "envoy.api.v2.Cluster": "envoy.config.cluster.v3.Cluster",
    "envoy.api.v2.RouteConfiguration": "envoy.config.route.v3.RouteConfiguration",
    "envoy.api.v2.ClusterLoadAssignment": "envoy.config.endpoint.v3.ClusterLoadAssignment",
    "envoy.config.rbac.v2.RBAC": "envoy.config.rbac.v3.RBAC",
    "envoy.config.cluster.aggregate.v2alpha.ClusterConfig": "envoy.extensions.clusters.aggregate.v3.ClusterConfig",
}
_RULES = (
    (r"envoy\.api\.v2\.auth\.(\w+)", r"envoy.extensions.transport_sockets.tls.v3.\1"),
    (
        r"envoy\.config\.filter\.(network|http|listener)\.(\w+)\.v2(?:alpha\d?)?\.(\w+)",
        r"envoy.extensions.filters.\1.\2.v3.\3",
    ),
    (r"envoy\.config\.filter\.(accesslog)\.v2\.(\w+)", r"envoy.config.accesslog.v3.\2"),
    (r"envoy\.config\.accesslog\.v2\.(\w+)", r"envoy.extensions.access_loggers.file.v3.\1"),
)

_HTTP, _NETWORK, _LISTENER = ("envoy.extensions.filters." + layer for layer in ("http.", "network.", "listener."))
_NAMED = {
    "envoy.http_connection_manager": _NETWORK + "http_connection_manager.v3.HttpConnectionManager",
    "envoy.tcp_proxy": _NETWORK + "tcp_proxy.v3.TcpProxy",
    "envoy.filters.network.rbac": _NETWORK + "rbac.v3.RBAC",
    "envoy.ext_authz": _NETWORK + "ext_authz.v3.ExtAuthz",
    "envoy.mongo_proxy": _NETWORK + "mongo_proxy.v3.MongoProxy",
    "envoy.redis_proxy": _NETWORK + "redis_proxy.v3.RedisProxy",
    "envoy.ratelimit": _NETWORK + "ratelimit.v3.RateLimit",
    "envoy.filters.network.mysql_proxy": _NETWORK + "mysql_proxy.v3.MySQLProxy",
    "envoy.filters.network.sni_cluster": _NETWORK + "sni_cluster.v3.SniCluster",
    "envoy.echo": _NETWORK + "echo.v3.Echo",
    "envoy.router": _HTTP + "router.v3.Router",
    "envoy.cors": _HTTP + "cors.v3.Cors",
    "envoy.fault": _HTTP + "fault.v3.HTTPFault",
    "envoy.filters.http.rbac": _HTTP + "rbac.v3.RBAC",
    "envoy.filters.http.jwt_authn": _HTTP + "jwt_authn.v3.JwtAuthentication",
    "envoy.filters.http.ext_authz": _HTTP + "ext_authz.v3.ExtAuthz",
    "envoy.rate_limit": _HTTP + "ratelimit.v3.RateLimit",
    "envoy.buffer": _HTTP + "buffer.v3.Buffer",
    "envoy.gzip": _HTTP + "gzip.v3.Gzip",
    "envoy.health_check": _HTTP + "health_check.v3.HealthCheck",
    "envoy.lua": _HTTP + "lua.v3.Lua",
    "envoy.grpc_web": _HTTP + "grpc_web.v3.GrpcWeb",
    "envoy.filters.http.grpc_stats": _HTTP + "grpc_stats.v3.FilterConfig",
    "envoy.filters.http.header_to_metadata": _HTTP + "header_to_metadata.v3.Config",
    "envoy.filters.http.csrf": _HTTP + "csrf.v3.CsrfPolicy",
    "envoy.listener.tls_inspector": _LISTENER + "tls_inspector.v3.TlsInspector",
    "envoy.listener.http_inspector": _LISTENER + "http_inspector.v3.HttpInspector",
    "envoy.listener.original_dst": _LISTENER + "original_dst.v3.OriginalDst",
    "envoy.listener.original_src": _LISTENER + "original_src.v3.OriginalSrc",
    "envoy.listener.proxy_protocol": _LISTENER + "proxy_protocol.v3.ProxyProtocol",
    "envoy.transport_sockets.tls": "",
}  # fmt: skip
_NETWORK_NAMES = {
    "envoy.filters.network.http_connection_manager": "envoy.http_connection_manager",
    "envoy.filters.network.tcp_proxy": "envoy.tcp_proxy",
}
_HTTP_NAMES = {"envoy.ext_authz": "envoy.filters.http.ext_authz"}
"""Old names that a network filter shares."""
_NEW_NAMES = {
    "envoy.filters.network.ext_authz": _NETWORK + "ext_authz.v3.ExtAuthz",
    "envoy.filters.http.router": _HTTP + "router.v3.Router",
    "envoy.filters.http.cors": _HTTP + "cors.v3.Cors",
    "envoy.filters.http.fault": _HTTP + "fault.v3.HTTPFault",
    "envoy.filters.listener.tls_inspector": _LISTENER + "tls_inspector.v3.TlsInspector",
    "envoy.filters.listener.http_inspector": _LISTENER + "http_inspector.v3.HttpInspector",
    "envoy.filters.listener.original_dst": _LISTENER + "original_dst.v3.OriginalDst",
}
_PER_ROUTE = {
    "rbac": "rbac.v3.RBACPerRoute",
    "ext_authz": "ext_authz.v3.ExtAuthzPerRoute",
    "buffer": "buffer.v3.BufferPerRoute",
    "lua": "lua.v3.LuaPerRoute",
    "fault": "fault.v3.HTTPFault",
    "csrf": "csrf.v3.CsrfPolicy",
    "header_to_metadata": "header_to_metadata.v3.Config",
    "grpc_http1_reverse_bridge": "grpc_http1_reverse_bridge.v3.FilterConfigPerRoute",
}
"""What routes say of filters, by the filters' names without prefix."""
_EXTENSION_LISTS = frozenset({"filters", "http_filters", "listener_filters"})
"""Lists of filters; the reader of that time took a single one without its brackets too."""


def upgraded(value: Any, field: str) -> Any:
    """A snake_case v2 message, under `field` of its parent, in v3 terms."""
    if isinstance(value, list):
        return [upgraded(item, field) for item in value]
    if not isinstance(value, dict):
        return value
    if field == "typed_per_filter_config":
        return {name: upgraded(_per_filter(name, config), "typed_config") for name, config in value.items()}
    message = _renamed(value, field)
    return {key: upgraded(member, key) if key != "filter_metadata" else member for key, member in message.items()}


def _renamed(value: Json, field: str) -> Json:
    message: Json = {k: [v] if k in _EXTENSION_LISTS and isinstance(v, dict) else v for k, v in value.items()}
    if isinstance(url := message.get("@type"), str):
        message["@type"] = _type(url)
    if field in _EXTENSION_LISTS:
        _typed_by_name(message, _HTTP_NAMES if field == "http_filters" else _NETWORK_NAMES)
    for rename in _BY_FIELD.get(field, ()):
        rename(message)
    if "tls_context" in message:
        side = "Downstream" if field in ("filter_chains", "default_filter_chain") else "Upstream"
        context = TYPE + f"envoy.extensions.transport_sockets.tls.v3.{side}TlsContext"
        message["transport_socket"] = {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {"@type": context, **tls} if isinstance(tls := message.pop("tls_context"), dict) else tls,
        }
    return message


def _type(url: str) -> str:
    prefix, _, name = url.rpartition("/")
    new = _TYPES.get(name, name)
    for pattern, replacement in _RULES:
        new = re.sub(pattern, replacement, new)
    return f"{prefix}/{new}"


def _typed_by_name(message: Json, aliases: dict[str, str]) -> None:
    """`{name, config}` -> `{name, typed_config}`; a name that stands for no known type keeps its content untyped."""
    if "typed_config" in message:
        return
    config: Any = message.pop("config", None)
    name = str(message.get("name", ""))
    kind = _NAMED.get(aliases.get(name, name)) or _NEW_NAMES.get(name)
    if kind:
        message["typed_config"] = {"@type": TYPE + kind, **(config if isinstance(config, dict) else {})}
    elif config is not None:
        message["typed_config"] = {"@type": UNTYPED, "type_url": "", "value": config}


def _per_filter(name: str, config: Any) -> Any:
    """What a route says of a filter without a type is the filter's own message for routes."""
    if not isinstance(config, dict) or "@type" in config:
        return config
    short = name.removeprefix("envoy.filters.http.").removeprefix("envoy.")
    kind = _HTTP + _PER_ROUTE[short] if short in _PER_ROUTE else ""
    return {"@type": TYPE + kind, **config} if kind else {"@type": UNTYPED, "type_url": "", "value": config}


def _move(message: Json, old: str, new: str) -> None:
    if old in message:
        message.setdefault(new, message.pop(old))


def _wrap(message: Json, old: str, new: str, key: str) -> None:
    """A plain value -> a message that holds it: `regex: x` -> `safe_regex: {regex: x}`."""
    if isinstance(message.get(old), str):
        message.setdefault(new, {key: message.pop(old)})


def _chain_match(message: Json) -> None:
    _move(message, "sni_domains", "server_names")
    if message.get("source_type") == "LOCAL":
        message["source_type"] = "SAME_IP_OR_LOOPBACK"


def _cluster(message: Json) -> None:
    hosts = message.pop("hosts", None)
    if isinstance(hosts, list):
        endpoints = [{"lb_endpoints": [{"endpoint": {"address": host}} for host in hosts]}]
        message.setdefault("load_assignment", {"cluster_name": message.get("name", ""), "endpoints": endpoints})


def _query_parameter(message: Json) -> None:
    value, regex = message.pop("value", None), message.pop("regex", None)
    if isinstance(value, str):
        message.setdefault("string_match", {"safe_regex": {"regex": value}} if regex is True else {"exact": value})


def _route_action(message: Json) -> None:
    _move(message, "host_rewrite", "host_rewrite_literal")
    _move(message, "auto_host_rewrite_header", "host_rewrite_header")
    if isinstance(mirror := message.pop("request_mirror_policy", None), dict):
        message.setdefault("request_mirror_policies", [mirror])


def _cors(message: Json) -> None:
    origins = [{"exact": o} for o in message.pop("allow_origin", None) or ()]
    origins += [{"safe_regex": {"regex": o}} for o in message.pop("allow_origin_regex", None) or ()]
    if origins:
        message.setdefault("allow_origin_string_match", origins)


def _validation_context(message: Json) -> None:
    names = message.pop("verify_subject_alt_name", None)
    if isinstance(names, list):
        message.setdefault("match_subject_alt_names", [{"exact": name} for name in names])


def _per_filter_map(message: Json) -> None:
    _move(message, "per_filter_config", "typed_per_filter_config")


_BY_FIELD: dict[str, tuple[Any, ...]] = {
    "filter_chain_match": (_chain_match,),
    "cluster": (_cluster,),
    "static_clusters": (_cluster,),
    "clusters": (_per_filter_map,),
    "match": (lambda m: _wrap(m, "regex", "safe_regex", "regex"),),
    "headers": (lambda m: _wrap(m, "regex_match", "safe_regex_match", "regex"),),
    "query_parameters": (_query_parameter,),
    "route": (_route_action,),
    "validation_context": (_validation_context,),
    "default_validation_context": (_validation_context,),
    "cors": (_cors,),
    "routes": (_per_filter_map,),
    "virtual_hosts": (_per_filter_map,),
}
