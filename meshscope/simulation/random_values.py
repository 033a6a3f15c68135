"""The values that a request's random number may still have; all fractions and weights of its routes share the number.

Envoy draws one 64-bit number for each request: two fractions of 50% in a row are the same half, not a quarter.
"""

from __future__ import annotations

from itertools import pairwise
from math import lcm

from msgspec import Struct

_MOST_RESIDUES = 1_000_000


class RandomValues(Struct, frozen=True):
    """The values r with low <= r % modulus < high for each (modulus, low, high); all values without any."""

    bounds: tuple[tuple[int, int, int], ...] = ()

    def within(self, modulus: int, low: int, high: int) -> RandomValues:
        """Those values that also have low <= r % modulus < high."""
        kept = []
        for known in self.bounds:
            if known[0] == modulus:
                low, high = max(low, known[1]), min(high, known[2])
            else:
                kept.append(known)
        if low <= 0 and high >= modulus:
            return RandomValues(tuple(kept))
        return RandomValues((*kept, (modulus, low, max(low, high))))

    @property
    def share(self) -> float:
        """Their share of all values, between 0 and 1."""
        if len(self.bounds) < 2:
            return self._independent
        bounds = sorted(self.bounds)
        if all(large[0] % small[0] == 0 for small, large in pairwise(bounds)):
            return _below(bounds, bounds[-1][0]) / bounds[-1][0]
        whole = lcm(*(modulus for modulus, _, _ in bounds))
        if whole > _MOST_RESIDUES:
            return self._independent
        return sum(all(low <= r % m < high for m, low, high in bounds) for r in range(whole)) / whole

    @property
    def _independent(self) -> float:
        """Exact for coprime moduli, and close enough for those whose common multiple is beyond counting."""
        share = 1.0
        for modulus, low, high in self.bounds:
            share *= (high - low) / modulus
        return share


def _below(bounds: list[tuple[int, int, int]], end: int) -> int:
    """How many r < end keep all bounds; each modulus divides the next, so that a period of one is whole in the next."""
    if not bounds:
        return end
    *inner, (modulus, low, high) = bounds
    periods, rest = divmod(end, modulus)
    first = _below(inner, low)
    return periods * (_below(inner, high) - first) + _below(inner, min(max(rest, low), high)) - first
