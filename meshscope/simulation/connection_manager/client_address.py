"""Who the client is: the address after `x-forwarded-for`, and whether the request is internal.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/original_ip_detection/xff/v3/xff.proto
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.matching.addresses import Ip, ip_of, prefix_of
from meshscope.xds.extension import Extension, unpacked
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import Message, decode, present

_XFF = "envoy.extensions.http.original_ip_detection.xff.v3.XffConfig"


class XffConfig(Message, frozen=True):
    xff_num_trusted_hops: int = 0


class Client(Struct, frozen=True):
    """`ip` None: nobody said the peer's address, or an extension finds it (`assuming`). `forwarded`: a header names it, and
    that has no port.
    """

    ip: str | None
    internal: bool = False
    forwarded: bool = False
    assuming: tuple[str, ...] = ()


def client_of(manager: HttpConnectionManager, connection: Connection, request: HttpRequest, envoy: Envoy) -> Client:
    """The peer, or the address that enough trusted proxies vouch for. Internal: one address alone, of an internal range."""
    forwarded, peer = forwarded_for(request), connection.source_ip
    if manager.use_remote_address:
        hops = manager.xff_num_trusted_hops
        named = last_address(forwarded, hops - 1) if hops > 0 else None
        ip = named or peer
        alone, found = forwarded is None, ip
    else:
        hops_or_why = _hops(manager.original_ip_detection_extensions, manager.xff_num_trusted_hops)
        if isinstance(hops_or_why, str):
            return Client(peer, assuming=(hops_or_why,))
        found = named = last_address(forwarded, hops_or_why)
        alone, ip = hops_or_why == 0 and "," not in (forwarded or ""), found or peer
    by_header = named is not None
    if not alone:
        return Client(ip, forwarded=by_header)
    if found is None:
        is_pipe = bool(manager.use_remote_address) and not connection.is_ip
        config = manager.internal_address_config
        return Client(ip, is_pipe and bool(config and config.unix_sockets))
    address = ip_of(found)
    return Client(ip, address is not None and is_internal(address, manager, envoy), by_header)


def forwarded_for(request: HttpRequest) -> str | None:
    """All values of the header as the one that Envoy keeps."""
    values = request.values("x-forwarded-for")
    return ",".join(values) if values else None


def last_address(forwarded: str | None, skipped: int) -> str | None:
    """The last address after as many were left out; None where there are fewer, or it is no plain IP address."""
    if forwarded is None:
        return None
    parts = forwarded.split(",")
    if skipped >= len(parts):
        return None
    text = parts[-1 - skipped].strip()
    return text if ip_of(text) and "%" not in text else None


def is_internal(address: Ip, manager: HttpConnectionManager, envoy: Envoy) -> bool:
    """Within `internal_address_config`: one without ranges means private addresses; without one, nothing since 1.33."""
    config = manager.internal_address_config
    if config and config.cidr_ranges:
        return any((prefix := prefix_of(cidr)) and prefix.holds(address) for cidr in config.cidr_ranges)
    return (config is not None or trusts_private_addresses(envoy)) and _is_private(address)


def trusts_private_addresses(envoy: Envoy) -> bool:
    """Whether private addresses are internal without any `internal_address_config`."""
    if not envoy.version or envoy.version >= (1, 36):
        return False
    return not envoy.guard("explicit_internal_address_config", default=envoy.version >= (1, 33))


def _is_private(address: Ip) -> bool:
    """RFC 1918, 127.0.0.1, fd00::/8 and ::1."""
    if address.version == 6:
        return address.number >> 120 == 0xFD or address.number == 1
    octets = address.number >> 24, address.number >> 20, address.number >> 16
    return octets[0] == 10 or octets[1] == 0xAC1 or octets[2] == 0xC0A8 or address.number == 0x7F000001


def _hops(extensions: tuple[Extension, ...], own: int) -> int | str:
    """How many addresses to skip; in words what finds the client, where that is not modelled."""
    if not extensions:
        return own
    first = extensions[0]
    body = unpacked(first.typed_config)[1]
    config = decode(body, XffConfig) if first.type_name == _XFF and present(body) else None
    if not isinstance(config, XffConfig) or len(extensions) > 1 or b"xff_trusted_cidrs" in bytes(body):
        return f"original IP detection {first.type_name or first.name} finds the peer's own address"
    return config.xff_num_trusted_hops
