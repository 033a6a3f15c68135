"""The filter chains of one port of a workload, made after those that take what no Service declares.

istiod gives all ports of a workload the same filters; a declared port differs in its names, its cluster and the protocols that
it is asked for. https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener_inbound.go
"""

from __future__ import annotations

import copy
from typing import Any

from msgspec import Struct

from meshscope.effect.inbound_ports import InboundPort
from meshscope.istio.protocol import Family
from meshscope.overlay.draft import Json
from meshscope.overlay.patches.lists import managers
from meshscope.overlay.policies.peer_chains import DISABLE, PERMISSIVE, PLAIN_HTTP, STRICT, is_http
from meshscope.overlay.services.not_exact import NotExactError

HTTP = ["istio-http/1.0", "istio-http/1.1", "istio-h2"]
PEERS = ["istio", "istio-peer-exchange"]
_TLS, _RAW = "tls", "raw_buffer"
_SOCKET = "transport_socket"
_SPOKEN = ("HTTP", "HTTP2", "GRPC", "TCP", "TLS", "HTTPS")
"""Protocols of which recorded chains tell all: others have more options, or filters of their own."""
_HTTP2 = ("HTTP2", "GRPC")


class Made(Struct, frozen=True):
    """One chain: HTTP or a connection, with the mesh's TLS or without, and what it is matched by."""

    is_http: bool
    is_mutual: bool
    transport: str
    protocols: list[str]


_ANY = [*PEERS, *HTTP]
_GROUPS: dict[tuple[str, str], list[Made]] = {
    ("HTTP", PERMISSIVE): [Made(True, True, _TLS, _ANY), Made(True, False, _RAW, [])],
    ("HTTP", STRICT): [Made(True, True, _TLS, [])],
    ("HTTP", DISABLE): [Made(True, False, _RAW, [])],
    ("TCP", PERMISSIVE): [Made(False, True, _TLS, _ANY), Made(False, False, _TLS, []), Made(False, False, _RAW, [])],
    ("TCP", STRICT): [Made(False, True, _TLS, [])],
    ("auto", PERMISSIVE): [
        Made(True, True, _TLS, HTTP), Made(True, False, _RAW, PLAIN_HTTP), Made(False, True, _TLS, PEERS[::-1]),
        Made(False, False, _RAW, []), Made(False, False, _TLS, []),
    ],
    ("auto", STRICT): [Made(True, True, _TLS, HTTP), Made(False, True, _TLS, [])],
    ("auto", DISABLE): [Made(True, False, _RAW, PLAIN_HTTP), Made(False, False, _RAW, [])],
}  # fmt: skip


class Names(Struct, frozen=True):
    """`bind` is in the name of a chain, `host` in that of its operation; `metadata` says which Sidecar asks for it.
    `retries_grpc`: whether gRPC is retried as other requests are, None where patch releases of the line differ.
    """

    bind: str
    host: str
    metadata: Json | None = None
    retries_grpc: bool | None = False


def chains_of_port(listener: Json, port: InboundPort, mode: str, names: Names) -> list[Json]:
    """Raises NotExactError."""
    group = _GROUPS.get((_group(port), mode))
    if group is None:
        raise NotExactError(f"chains of {port.protocol.name or 'no protocol'} in mode {mode} are not rebuilt")
    like = [one for one in listener.get("filter_chains", ()) if _is_undeclared(one)]
    return [_chain(like, each, port, names) for each in group]


def _group(port: InboundPort) -> str:
    family = port.protocol.family
    if family is Family.AUTO:
        return "auto"
    if port.protocol.name not in _SPOKEN:
        return ""
    return "HTTP" if family is Family.HTTP else "TCP"


def _is_undeclared(chain: Json) -> bool:
    return "destination_port" not in chain.get("filter_chain_match", {})


def _chain(like: list[Json], wanted: Made, port: InboundPort, names: Names) -> Json:
    alike = [one for one in like if is_http(one) is wanted.is_http]
    found = next((one for one in alike if bool(one.get(_SOCKET)) is wanted.is_mutual), None)
    if found is None and not wanted.is_mutual:
        found = next(iter(alike), None)
    if found is None:
        raise NotExactError("no chain of the proxy tells what others are like")
    body = {key: copy.deepcopy(value) for key, value in found.items() if key not in (_SOCKET, "metadata")}
    if wanted.is_mutual:
        body[_SOCKET] = copy.deepcopy(found[_SOCKET])
    body["name"] = f"{names.bind}_{port.target}"
    match: dict[str, Any] = {"destination_port": port.target, "transport_protocol": wanted.transport}
    if wanted.protocols:
        match["application_protocols"] = list(wanted.protocols)
    body["filter_chain_match"] = match
    if names.metadata is not None:
        body["metadata"] = copy.deepcopy(names.metadata)
    if wanted.is_http:
        _name_http(body, port, names)
    else:
        _name_tcp(body, port)
    return body


def _name_http(chain: Json, port: InboundPort, names: Names) -> None:
    for _, manager in managers({"filter_chains": [chain]}):
        end = ";" if manager.get("stat_prefix", "").endswith(";") else ""
        manager["stat_prefix"] = f"inbound_{names.bind}_{port.target}{end}"
        if port.protocol.name in _HTTP2:
            manager["http2_protocol_options"] = {}
        table = manager.get("route_config") or {}
        table["name"] = port.cluster
        for host in table.get("virtual_hosts", ()):
            host["name"] = f"inbound|http|{port.number}"
            for route in host.get("routes", ()):
                route.setdefault("route", {})["cluster"] = port.cluster
                if port.protocol.name == "GRPC" and "retry_policy" in route["route"] and not names.retries_grpc:
                    if names.retries_grpc is None:
                        raise NotExactError("whether gRPC is retried depends on the patch release of Istio")
                    del route["route"]["retry_policy"]
                route["decorator"] = {"operation": f"{names.host}:{port.number}/*"}


def _name_tcp(chain: Json, port: InboundPort) -> None:
    for one in chain["filters"]:
        config = one.get("typed_config") or {}
        if config.get("@type", "").endswith("TcpProxy"):
            config["cluster"] = port.cluster
            config["stat_prefix"] = port.cluster
