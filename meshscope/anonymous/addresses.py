"""IP addresses replaced with their common prefixes preserved: a range contains the same addresses as before.

The method is Crypto-PAn's (Xu, Fan, Ammar, Moon, 2002) with a keyed hash: a hash of the first N bits decides whether the next
bit is flipped. The bits of an address's class stay: private, shared, link-local, documentation. Loopback, multicast and the
unspecified address stay whole, because rules of the software refer to them.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from hashlib import blake2b

_FIXED_BITS_4 = {0: 32, 127: 32, 100: 10, 172: 12, 169: 16, 192: 16, 198: 16, 203: 16}
"""Unchanged bits by first octet, 8 for others: they distinguish 100.64/10, 172.16/12, 192.168/16 and 198.18/15."""
_FIXED_BITS_16 = {(169, 254): 32, (192, 0): 32, (198, 51): 24, (203, 0): 24}
"""Unchanged bits by the first two octets: link-local (a cloud's metadata server), reserved, documentation."""
_FIXED_BITS_6 = {0x00: 128, 0xFE: 64, 0xFF: 128, 0x20: 16, 0x01: 64}


class AddressPermutation:
    """The permutation of all addresses under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.replace = lru_cache(maxsize=65_536)(self._replace)

    def _replace(self, text: str) -> str | None:
        """Another address of the same class, with the text's `/length` if it has one; None for any other text."""
        address, slash, length = text.partition("/")
        try:
            ip = ipaddress.ip_address(address)
            if slash:
                return str(ipaddress.ip_network((self._permuted(ip), int(length)), strict=False))
        except ValueError:
            return None
        new = self._permuted(ip)
        return address if new == ip else str(new)

    def _permuted(
        self, ip: ipaddress.IPv4Address | ipaddress.IPv6Address
    ) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        if isinstance(ip, ipaddress.IPv6Address):
            if ip.ipv4_mapped:
                return ipaddress.IPv6Address(0xFFFF << 32 | int(self._permuted(ip.ipv4_mapped)))
            return ipaddress.IPv6Address(self._flipped(int(ip), 128, _FIXED_BITS_6.get(int(ip) >> 120, 8)))
        first, second = ip.packed[:2]
        fixed = 32 if first >= 224 else _FIXED_BITS_16.get((first, second)) or _FIXED_BITS_4.get(first, 8)
        return ipaddress.IPv4Address(self._flipped(int(ip), 32, fixed))

    def _flipped(self, number: int, bits: int, fixed: int) -> int:
        flips = 0
        for position in range(fixed, bits):
            prefix = number >> (bits - position)
            seed = position.to_bytes(2, "big") + bits.to_bytes(2, "big") + prefix.to_bytes(16, "big")
            flips = flips << 1 | blake2b(seed, key=self._key[:64], digest_size=1).digest()[0] & 1
        return number ^ flips
