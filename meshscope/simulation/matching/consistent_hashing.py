"""ConsistentHashing: whether the hash of a text, modulo, reaches a threshold; the same clients are chosen each time.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/matching/input_matchers/consistent_hashing/v3/consistent_hashing.proto
"""

from __future__ import annotations

from struct import unpack_from

from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.matcher_tree import ConsistentHashing

_64 = (1 << 64) - 1
_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def consistent_hashing_matches(matcher: ConsistentHashing, value: str) -> Verdict:
    """Unknown without a modulus, which Envoy refuses at load."""
    if matcher.modulo <= 0:
        return unknown("consistent hashing without a modulo")
    return (
        YES if xxh64(value.encode("utf-8", "surrogatepass"), matcher.seed) % matcher.modulo >= matcher.threshold else NO
    )


def xxh64(data: bytes, seed: int = 0) -> int:
    """XXH64: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md."""
    size = len(data)
    stripes, words = size // 32 * 32, size // 8 * 8
    if not stripes:
        total = seed + _P5
    else:
        lanes = [seed + _P1 + _P2, seed + _P2, seed, seed - _P1]
        for at in range(0, stripes, 32):
            lanes = [_round(lane, word) for lane, word in zip(lanes, unpack_from("<4Q", data, at), strict=True)]
        total = sum(_rotated(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True))
        for lane in lanes:
            total = ((total ^ _round(0, lane)) * _P1 + _P4) & _64
    total = (total + size) & _64
    for at in range(stripes, words, 8):
        total = (_rotated(total ^ _round(0, *unpack_from("<Q", data, at)), 27) * _P1 + _P4) & _64
    rest = data[words:]
    if len(rest) >= 4:
        total = (_rotated(total ^ (unpack_from("<I", rest)[0] * _P1 & _64), 23) * _P2 + _P3) & _64
        rest = rest[4:]
    for byte in rest:
        total = _rotated(total ^ (byte * _P5 & _64), 11) * _P1 & _64
    total = (total ^ total >> 33) * _P2 & _64
    total = (total ^ total >> 29) * _P3 & _64
    return total ^ total >> 32


def _round(lane: int, word: int) -> int:
    return _rotated(lane + word * _P2, 31) * _P1 & _64


def _rotated(number: int, by: int) -> int:
    number &= _64
    return (number << by | number >> (64 - by)) & _64
