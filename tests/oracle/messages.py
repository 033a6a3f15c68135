"""Envoy's messages as JSON: the frame around what is random. Names are Envoy's API, v3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
Message = st.SearchStrategy[Json]
TYPES = "type.googleapis.com/envoy.extensions."


def extension(kind: str, config: Json | None = None, name: str = "") -> Json:
    """`kind` is the type below `envoy.extensions`; the name is only a label."""
    return {"name": name or kind.rpartition(".")[2], "typed_config": {"@type": TYPES + kind, **(config or {})}}


PROXY_PROTOCOL = extension("filters.listener.proxy_protocol.v3.ProxyProtocol")
TLS_INSPECTOR = extension("filters.listener.tls_inspector.v3.TlsInspector")
HTTP_INSPECTOR = extension("filters.listener.http_inspector.v3.HttpInspector")
_ROUTER = "filters.http.router.v3.Router"
ROUTER = extension(_ROUTER)


def address(ip: str, port: int) -> Json:
    return {"socket_address": {"address": ip, "port_value": port}}


def entry(port: int, **fields: Any) -> Json:
    """What clients reach: it takes their addresses from the PROXY protocol and hands the connection over."""
    return {"name": "entry", "address": address("127.0.0.1", port), "use_original_dst": True,
            "listener_filters": [PROXY_PROTOCOL], **fields}  # fmt: skip


def manager(table: Json, filters: Sequence[Json] = (), *, router: Json | None = None, **fields: Any) -> Json:
    """A connection manager with an inline route table whose clusters may be missing; `router`: options of its router."""
    return extension("filters.network.http_connection_manager.v3.HttpConnectionManager", {
        "stat_prefix": "http", "route_config": {"name": "table", "validate_clusters": False, **table},
        "http_filters": [*filters, extension(_ROUTER, router or {})], "delayed_close_timeout": "0.01s", **fields})  # fmt: skip


def one(**alternatives: st.SearchStrategy[Any]) -> Message:
    """A message with exactly one of these fields: a oneof."""
    return st.one_of([st.fixed_dictionaries({name: values}) for name, values in alternatives.items()])


def some(required: Json | None = None, /, **optional: st.SearchStrategy[Any]) -> Message:
    """A message with any of the optional fields."""
    given = {name: value if isinstance(value, st.SearchStrategy) else st.just(value)
             for name, value in (required or {}).items()}  # fmt: skip
    return st.fixed_dictionaries(given, optional=optional)


def merged(*messages: Message) -> Message:
    return st.tuples(*messages).map(lambda parts: {key: value for part in parts for key, value in part.items()})


true = st.just(True)  # a field's value
