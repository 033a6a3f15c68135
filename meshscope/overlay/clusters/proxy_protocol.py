"""The socket around a cluster's sockets that begins each connection with the PROXY protocol.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol.proto
"""

from __future__ import annotations

from typing import Any

from meshscope.effect.clusters.expected import PROXY_PROTOCOL, Facts
from meshscope.overlay.draft import Json

_NAME = "envoy.transport_sockets.upstream_proxy_protocol"
_TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport"
_RAW = {
    "name": "envoy.transport_sockets.raw_buffer",
    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"},
}


def inner(socket: Json) -> Json:
    """The socket inside, or the socket itself."""
    config = socket.get("typed_config", {})
    return config["transport_socket"] if config.get("@type") == _TYPE else socket


def unwrap(body: dict[str, Any]) -> None:
    """Leaves the sockets inside."""
    for holder in (body, *body.get("transport_socket_matches", ())):
        socket = holder.get("transport_socket")
        if socket is None or inner(socket) is socket:
            continue
        if holder is body and inner(socket).get("name") == _RAW["name"]:
            del holder["transport_socket"]
        else:
            holder["transport_socket"] = inner(socket)


def wrap(body: dict[str, Any], facts: Facts) -> None:
    """Where the facts ask for it."""
    version = facts.get(PROXY_PROTOCOL)
    if not version:
        return
    matches = body.get("transport_socket_matches") or []
    for holder in (*([body] if "transport_socket" in body or not matches else []), *matches):
        holder["transport_socket"] = _wrapped(holder.get("transport_socket") or _RAW, version)


def _wrapped(socket: Json, version: str) -> Json:
    config = {"@type": _TYPE, "config": {"version": version}, "transport_socket": socket}
    return {"name": _NAME, "typed_config": config}
