"""Where an ORIGINAL_DST cluster sends: the address the client asked for, or one that a header or metadata names.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/service_discovery#original-destination
"""

from __future__ import annotations

import ipaddress

from msgspec import Struct

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.xds.cluster import Cluster, OriginalDstLbConfig
from meshscope.xds.message import Message, Undecodable, decode, present

HEADER = "x-envoy-original-dst-host"


class Destination(Struct, frozen=True):
    """`address` as `IP:port`, "" where there is none: 503 UH, or the connection is closed. `because` says whence."""

    address: str
    because: str


class _Segment(Message, frozen=True):
    key: str = ""


class _MetadataKey(Message, frozen=True):
    key: str = ""
    path: tuple[_Segment, ...] = ()


def original_destination(
    cluster: Cluster, connection: Connection, request: HttpRequest | None, *, restored: bool
) -> Destination:
    """`restored`: iptables or a PROXY protocol changed the connection's local address; only then it is a destination."""
    config = cluster.original_dst_lb_config or OriginalDstLbConfig()
    found = _named(config, request) or (
        _restored(connection) if restored else Destination("", "no original destination")
    )
    if found.address and config.upstream_port_override is not None:
        host = found.address.rpartition(":")[0]
        return Destination(f"{host}:{config.upstream_port_override}", f"{found.because}, upstream_port_override")
    return found


def _named(config: OriginalDstLbConfig, request: HttpRequest | None) -> Destination | None:
    """What the header or the metadata says; None where neither says an address."""
    if request is None:
        return None
    if config.use_http_header:
        name = config.http_header_name or HEADER
        value = next(iter(request.values(name)), "")
        if _is_address(value):
            return Destination(value, f"header {name}")
    if present(config.metadata_key):
        key = decode(config.metadata_key, _MetadataKey)
        found: object = request.metadata
        for part in () if isinstance(key, Undecodable) else (key.key, *(segment.key for segment in key.path)):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, str) and _is_address(found):
            return Destination(found, "metadata_key")
    return None


def _restored(connection: Connection) -> Destination:
    ip, port = connection.destination_ip, connection.destination_port
    if ip is None or port is None:
        return Destination("", "the connection has no IP address of its own")
    return Destination(f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}", "the original destination")


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return port.isascii() and port.isdecimal() and int(port) < 65536
