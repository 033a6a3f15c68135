"""The transport socket of a cluster by the mode that a DestinationRule asks for.

Plain text, and the mesh's mutual TLS, whose certificates a proxy has in its other clusters.
"""

from __future__ import annotations

import copy
from typing import Any

import msgspec
from msgspec.structs import replace

from meshscope.effect.clusters.expected import Facts
from meshscope.effect.clusters.socket_facts import AUTO
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.names import ClusterName, parse_cluster
from meshscope.overlay.clusters.own_sockets import OWN, forget_own
from meshscope.overlay.clusters.policy_body import TLS
from meshscope.overlay.clusters.proxy_protocol import inner
from meshscope.overlay.draft import Draft, Json

_MATCH = "tlsMode-istio"
_HTTP2 = "h2"
_SOCKETS = ("transport_socket", "transport_socket_matches")


def write_socket(  # noqa: PLR0913, PLR0917  # both sides of a cluster
    draft: Draft, body: dict[str, Any], name: ClusterName, before: Facts, after: Facts, default: str
) -> str:
    """Why the socket is not rebuilt, "" where it is, or where it is of the rule's own. `default` is the mode of a host that no
    rule says anything about.
    """
    wanted = after.get("tls", default)
    if all(before.get(field) == after.get(field) for field in TLS) or wanted in OWN:
        return ""
    if before.get("tls") in OWN:
        forget_own(body)
    if wanted == "DISABLE":
        for field in _SOCKETS:
            body.pop(field, None)
        return ""
    socket = _of_mesh(body) or _of_others(draft, name)
    if socket is None:
        return f"no cluster of {name.host} tells how the proxy speaks the mesh's mutual TLS"
    for field in _SOCKETS:
        body.pop(field, None)
    socket = named_for(socket, name)
    context = socket["typed_config"]
    if after.get("tls.sni"):
        context["sni"] = after["tls.sni"]
    if wanted == AUTO:
        plain = {"name": "tlsMode-disabled", "match": {}, "transport_socket": _RAW}
        body["transport_socket_matches"] = [
            {"name": _MATCH, "match": {"tlsMode": "istio"}, "transport_socket": socket},
            plain,
        ]
    else:
        body["transport_socket"] = socket
    return ""


_RAW = {
    "name": "envoy.transport_sockets.raw_buffer",
    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer"},
}


def named_for(socket: Json, name: ClusterName) -> Json:
    """The same socket with the server name of another cluster."""
    found = copy.deepcopy(socket)
    context = found.get("typed_config", {})
    if parse_cluster(context.get("sni", "")):
        context["sni"] = str(replace(name, sni_dnat=True))
    return found


def offer_http2(body: dict[str, Any], *, is_offered: bool) -> None:
    """In the handshakes of the mesh: istiod names the version of HTTP that the cluster speaks."""
    for holder in (body, *body.get("transport_socket_matches", ())):
        context = (holder.get("transport_socket") or {}).get("typed_config", {}).get("common_tls_context", {})
        offered = context.get("alpn_protocols", [])
        if "istio" in offered:
            rest = [name for name in offered if name != _HTTP2]
            context["alpn_protocols"] = [*rest, _HTTP2] if is_offered else rest


def _of_mesh(body: dict[str, Any]) -> Json | None:
    sockets = [body.get("transport_socket")]
    sockets += [
        one.get("transport_socket") for one in body.get("transport_socket_matches", ()) if one["name"] == _MATCH
    ]
    return next((inner(one) for one in sockets if one and b'"name":"default"' in msgspec.json.encode(one)), None)


def _of_others(draft: Draft, name: ClusterName) -> Json | None:
    """Of other ports and subsets of the host, whose servers have the same names."""
    for resource in draft.client.proxy.resources(CLUSTER):
        other = parse_cluster(resource.name)
        if other and (other.direction, other.host) == (name.direction, name.host):
            body = draft.body(CLUSTER, resource.name)
            if body and (found := _of_mesh(body)):
                return found
    return None
