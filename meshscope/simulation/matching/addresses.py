"""IP addresses as numbers, and the longest of many prefixes that holds one.

A prefix without bits holds every address of its family; `ANYWHERE` holds every address of both.
A client is local by `source_type: SAME_IP_OR_LOOPBACK` of a filter chain and by `local` in a matcher tree.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#envoy-v3-api-enum-config-listener-v3-filterchainmatch-connectionsourcetype
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from meshscope.simulation.connection import Connection
from meshscope.xds.address import CidrRange

_BITS = {4: 32, 6: 128}


class Ip(Struct, frozen=True):
    version: int
    number: int


class Prefix(Struct, frozen=True):
    """`network` holds the leading `length` bits; `version` 0 is ANYWHERE. `text` as in the configuration."""

    version: int
    length: int
    network: int
    text: str

    def holds(self, ip: Ip) -> bool:
        if self.version == 0:
            return True
        return ip.version == self.version and ip.number >> (_BITS[ip.version] - self.length) == self.network

    def __str__(self) -> str:
        return self.text


ANYWHERE = Prefix(0, 0, 0, "")


@lru_cache(maxsize=65_536)
def ip_of(text: str) -> Ip | None:
    """None for text that is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return Ip(address.version, int(address))


def prefix_of(cidr: CidrRange) -> Prefix | None:
    """Bits beyond the length do not count, a length beyond the address is the whole address. None for no address."""
    ip = ip_of(cidr.address_prefix)
    if ip is None:
        return None
    length = min(cidr.prefix_len, _BITS[ip.version])
    return Prefix(ip.version, length, ip.number >> (_BITS[ip.version] - length), str(cidr))


class Prefixes:
    """An index over prefixes: one look-up for each length that occurs."""

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        self.prefixes = tuple(prefixes)
        tables: dict[int, dict[int, dict[int, list[Prefix]]]] = {4: {}, 6: {}}
        for prefix in self.prefixes:
            for version in (4, 6) if prefix.version == 0 else (prefix.version,):
                tables[version].setdefault(prefix.length, {}).setdefault(prefix.network, []).append(prefix)
        self._tables = {
            version: tuple((_BITS[version] - length, lengths[length]) for length in sorted(lengths, reverse=True))
            for version, lengths in tables.items()
        }

    def longest(self, ip: Ip) -> tuple[Prefix, ...]:
        """The longest prefix that holds the address; two where ANYWHERE and an explicit `/0` are the same prefix."""
        for shift, networks in self._tables[ip.version]:
            found = networks.get(ip.number >> shift)
            if found:
                return tuple(found)
        return ()


_LOOPBACK = (Ip(4, 0x7F000001), Ip(6, 1))


def is_local(connection: Connection, *, is_pipe: bool | None = None) -> bool | None:
    """A pipe, exactly 127.0.0.1 or ::1, or the address that the connection goes to; None where that is not given.

    `is_pipe`: whether a connection without an IP address is over a pipe; an internal listener's clients are not local.
    """
    source, destination = connection.source_ip, connection.destination_ip
    if not connection.is_ip and source is None:
        return is_pipe
    address = None if source is None else ip_of(source)
    if address in _LOOPBACK:
        return True
    if source is None or (connection.is_ip and destination is None):
        return None
    return address is not None and destination is not None and address == ip_of(destination)
