"""The client's address after `x-forwarded-for`, and whether the request is internal.

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


class ClientAddress(Struct, frozen=True):
    """`ip` None: the peer's address is not given. `from_header`: it is from x-forwarded-for, so that it has no port."""

    ip: str | None
    internal: bool = False
    from_header: bool = False
    assuming: tuple[str, ...] = ()


def client_address(
    manager: HttpConnectionManager, connection: Connection, request: HttpRequest, envoy: Envoy
) -> ClientAddress:
    """The peer's address, or the one in front of the trusted proxies. A request is internal if there is only one address,
    and that is in an internal range.
    """
    header, peer = forwarded_for(request), connection.source_ip
    if manager.use_remote_address:
        hops = manager.xff_num_trusted_hops
        in_header = last_address(header, hops - 1) if hops > 0 else None
        ip = in_header or peer
        is_only_one, candidate = header is None, ip
    else:
        hops_or_assumption = _hops(manager.original_ip_detection_extensions, manager.xff_num_trusted_hops)
        if isinstance(hops_or_assumption, str):
            return ClientAddress(peer, assuming=(hops_or_assumption,))
        candidate = in_header = last_address(header, hops_or_assumption)
        is_only_one, ip = hops_or_assumption == 0 and "," not in (header or ""), in_header or peer
    from_header = in_header is not None
    if not is_only_one:
        return ClientAddress(ip, from_header=from_header)
    if candidate is None:
        is_pipe = bool(manager.use_remote_address) and not connection.is_ip
        config = manager.internal_address_config
        return ClientAddress(ip, is_pipe and bool(config and config.unix_sockets))
    address = ip_of(candidate)
    return ClientAddress(ip, address is not None and is_internal(address, manager, envoy), from_header)


def forwarded_for(request: HttpRequest) -> str | None:
    """All values of x-forwarded-for in one, as Envoy keeps them; None without the header."""
    values = request.values("x-forwarded-for")
    return ",".join(values) if values else None


def last_address(header: str | None, skip: int) -> str | None:
    """The last address before the `skip` last ones; None if there are too few, or it is not a plain IP address."""
    if header is None:
        return None
    parts = header.split(",")
    if skip >= len(parts):
        return None
    text = parts[-1 - skip].strip()
    return text if ip_of(text) and "%" not in text else None


def is_internal(address: Ip, manager: HttpConnectionManager, envoy: Envoy) -> bool:
    """Whether the address is in `internal_address_config`. Without ranges that means private addresses; without the field
    no address is internal since Envoy 1.33.
    """
    config = manager.internal_address_config
    if config and config.cidr_ranges:
        return any((prefix := prefix_of(cidr)) and prefix.holds(address) for cidr in config.cidr_ranges)
    return (config is not None or trusts_private_addresses(envoy)) and _is_private(address)


def trusts_private_addresses(envoy: Envoy) -> bool:
    """Whether private addresses are internal without an `internal_address_config`."""
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
    """How many addresses to skip; a text, the assumption, where an extension that is not modelled detects the client."""
    if not extensions:
        return own
    first = extensions[0]
    body = unpacked(first.typed_config)[1]
    config = decode(body, XffConfig) if first.type_name == _XFF and present(body) else None
    if not isinstance(config, XffConfig) or len(extensions) > 1 or b"xff_trusted_cidrs" in bytes(body):
        return f"original IP detection {first.type_name or first.name} detects the peer's own address"
    return config.xff_num_trusted_hops
