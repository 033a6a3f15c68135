"""The destination of an ORIGINAL_DST cluster: the client's original destination, or an address from a header or metadata.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/service_discovery#original-destination
"""

from __future__ import annotations

import ipaddress

from msgspec import Struct

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.xds.cluster import Cluster, OriginalDstLbConfig
from meshscope.xds.message import Message, Undecodable, decode, present

HEADER = "x-envoy-original-dst-host"


class OriginalDestination(Struct, frozen=True):
    """`address` is `IP:port`; "" if there is none (503 UH, or the connection is closed). `because` names its source."""

    address: str
    because: str


class _Segment(Message, frozen=True):
    key: str = ""


class _MetadataKey(Message, frozen=True):
    key: str = ""
    path: tuple[_Segment, ...] = ()


def original_destination(
    cluster: Cluster, connection: Connection, request: HttpRequest | None, *, restored: bool
) -> OriginalDestination:
    """`restored`: iptables or a PROXY protocol set the connection's local address; only then is it a destination."""
    config = cluster.original_dst_lb_config or OriginalDstLbConfig()
    destination = _from_request(config, request) or (
        _from_connection(connection) if restored else OriginalDestination("", "no original destination")
    )
    if destination.address and config.upstream_port_override is not None:
        address = f"{destination.address.rpartition(':')[0]}:{config.upstream_port_override}"
        return OriginalDestination(address, f"{destination.because}, upstream_port_override")
    return destination


def _from_request(config: OriginalDstLbConfig, request: HttpRequest | None) -> OriginalDestination | None:
    """The address in the header or in the metadata; None if neither contains one."""
    if request is None:
        return None
    if config.use_http_header:
        name = config.http_header_name or HEADER
        value = next(iter(request.values(name)), "")
        if is_address(value):
            return OriginalDestination(value, f"header {name}")
    if present(config.metadata_key):
        key = decode(config.metadata_key, _MetadataKey)
        metadata: object = request.metadata
        for part in () if isinstance(key, Undecodable) else (key.key, *(segment.key for segment in key.path)):
            metadata = metadata.get(part) if isinstance(metadata, dict) else None
        if isinstance(metadata, str) and is_address(metadata):
            return OriginalDestination(metadata, "metadata_key")
    return None


def _from_connection(connection: Connection) -> OriginalDestination:
    ip, port = connection.destination_ip, connection.destination_port
    if ip is None or port is None:
        return OriginalDestination("", "the connection has no local IP address and port")
    return OriginalDestination(f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}", "the original destination")


def is_address(text: str) -> bool:
    """Whether it is `IP:port`."""
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return port.isascii() and port.isdecimal() and int(port) < 65536
