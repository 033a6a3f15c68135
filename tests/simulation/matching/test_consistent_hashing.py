"""The hash is XXH64, and a text is taken from the threshold on."""

from __future__ import annotations

import pytest

from meshscope.simulation.matching.consistent_hashing import consistent_hashing_matches, xxh64
from meshscope.xds.matcher_tree import ConsistentHashing


@pytest.mark.parametrize(
    ("data", "seed", "digest"),
    [
        (b"", 0, 0xEF46DB3751D8E999),
        (b"a", 0, 0xD24EC4F1A98C6E5B),
        (b"abc", 0, 0x44BC2CF5AD770999),
        (b"Nobody inspects the spammish repetition", 0, 0xFBCEA83C8A378BF1),
    ],
)
def test_known_digests(data: bytes, seed: int, digest: int) -> None:
    assert xxh64(data, seed) == digest


@pytest.mark.parametrize("text", ["", "a", "user-17", "ü" * 40])
@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_the_threshold_itself_is_taken_and_what_is_below_is_not(text: str, seed: int) -> None:
    value = xxh64(text.encode(), seed) % 1000
    taken = ConsistentHashing(threshold=value, modulo=1000, seed=seed)
    passed = ConsistentHashing(threshold=value + 1, modulo=1000, seed=seed)
    assert consistent_hashing_matches(taken, text).is_yes
    assert consistent_hashing_matches(passed, text).is_no


def test_a_threshold_of_zero_takes_everything_and_no_modulo_is_unknown() -> None:
    assert consistent_hashing_matches(ConsistentHashing(modulo=3), "x").is_yes
    assert consistent_hashing_matches(ConsistentHashing(), "x").is_unknown
