"""IP addresses replaced so that equal prefixes stay equal prefixes: ranges hold the same addresses as before.

As Crypto-PAn does it (Xu, Fan, Ammar, Moon, 2002), with a keyed hash: bit N is flipped or not by a hash of the N bits before
it. The bits that tell an address's class stay: private, shared, link-local, documentation; loopback, multicast and the
unspecified address stay whole, as the mesh's own rules name them.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from hashlib import blake2b

_KEPT_BITS_4 = {0: 32, 127: 32, 100: 10, 172: 12, 169: 16, 192: 16, 198: 16, 203: 16}
"""By the first octet, 8 for others: 100.64/10, 172.16/12, 192.168/16, 198.18/15 are told from the rest of their octet."""
_KEPT_BITS_16 = {(169, 254): 32, (192, 0): 32, (198, 51): 24, (203, 0): 24}
"""By the first two: what is link-local (a cloud's metadata server), reserved, or for documents."""
_KEPT_BITS_6 = {0x00: 128, 0xFE: 64, 0xFF: 128, 0x20: 16, 0x01: 64}


class Addresses:
    """One key's permutation of all addresses."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.replaced = lru_cache(maxsize=65_536)(self._replaced)

    def _replaced(self, text: str) -> str | None:
        """Another address of the same class, with `/length` where the text had it; None for text that is no address."""
        address, slash, length = text.partition("/")
        try:
            ip = ipaddress.ip_address(address)
            if slash:
                return str(ipaddress.ip_network((self._of(ip), int(length)), strict=False))
        except ValueError:
            return None
        new = self._of(ip)
        return address if new == ip else str(new)

    def _of(self, ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
        if isinstance(ip, ipaddress.IPv6Address):
            if ip.ipv4_mapped:
                return ipaddress.IPv6Address(0xFFFF << 32 | int(self._of(ip.ipv4_mapped)))
            return ipaddress.IPv6Address(self._flipped(int(ip), 128, _KEPT_BITS_6.get(int(ip) >> 120, 8)))
        first, second = ip.packed[:2]
        kept = 32 if first >= 224 else _KEPT_BITS_16.get((first, second)) or _KEPT_BITS_4.get(first, 8)
        return ipaddress.IPv4Address(self._flipped(int(ip), 32, kept))

    def _flipped(self, number: int, bits: int, kept: int) -> int:
        flips = 0
        for position in range(kept, bits):
            prefix = number >> (bits - position)
            seed = position.to_bytes(2, "big") + bits.to_bytes(2, "big") + prefix.to_bytes(16, "big")
            flips = flips << 1 | blake2b(seed, key=self._key[:64], digest_size=1).digest()[0] & 1
        return number ^ flips
