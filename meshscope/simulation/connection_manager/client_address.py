"""The client's address after `x-forwarded-for`, and whether the request is internal.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-for
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/http/original_ip_detection/xff/v3/xff.proto
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.connection_manager.forwarded_for import forwarded_for, is_only_address, last_address
from meshscope.simulation.matching.addresses import Ip, ip_of, prefix_of
from meshscope.xds.http_connection_manager import HttpConnectionManager


class ClientAddress(Struct, frozen=True):
    """`ip` None: the peer's address is not given. `from_header`: it is from a header, so that it has no port.

    `appends`: the peer is written behind x-forwarded-for. `refused` is the code with which the request is refused, 0 for none.
    """

    ip: str | None
    internal: bool = False
    from_header: bool = False
    assuming: tuple[str, ...] = ()
    appends: bool = False
    refused: int = 0


def client_address(
    manager: HttpConnectionManager, connection: Connection, request: HttpRequest, envoy: Envoy
) -> ClientAddress:
    """The peer's address, or the one in front of the trusted proxies. A request is internal if there is only one address,
    and that is in an internal range.
    """
    header, peer = forwarded_for(request), connection.source_ip
    if not manager.use_remote_address:
        return _detected(manager, connection, request, envoy)
    hops = manager.xff_num_trusted_hops
    in_header = last_address(header, hops - 1) if hops > 0 else None
    ip, appends, from_header = in_header or peer, not manager.skip_xff_append, in_header is not None
    if header is not None:
        return ClientAddress(ip, from_header=from_header, appends=appends)
    if ip is None:
        config = manager.internal_address_config
        internal = not connection.is_ip and bool(config and config.unix_sockets)
        return ClientAddress(ip, internal, appends=appends)
    return ClientAddress(ip, _is_in_ranges(ip, manager, envoy), from_header, appends=appends)


def _detected(
    manager: HttpConnectionManager, connection: Connection, request: HttpRequest, envoy: Envoy
) -> ClientAddress:
    """By the extensions; without any by the trusted hops in x-forwarded-for."""
    header, hops = forwarded_for(request), manager.xff_num_trusted_hops
    if not manager.original_ip_detection_extensions:
        ip = last_address(header, hops)
        internal = ip is not None and is_only_address(header, hops) and _is_in_ranges(ip, manager, envoy)
        return ClientAddress(ip or connection.source_ip, internal, ip is not None)
    from meshscope.simulation.connection_manager.ip_detection import detect  # few have any

    found = detect(manager.original_ip_detection_extensions, header, connection, request)
    internal = found.may_be_internal and found.ip is not None and _is_in_ranges(found.ip, manager, envoy)
    return ClientAddress(
        found.ip or connection.source_ip, internal, found.ip is not None, found.assuming, found.appends, found.refused
    )


def _is_in_ranges(text: str, manager: HttpConnectionManager, envoy: Envoy) -> bool:
    address = ip_of(text)
    return address is not None and is_internal(address, manager, envoy)


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
