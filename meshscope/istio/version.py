"""Versions of Istio, and from which on a rule holds: fixes go into patches of older lines too."""

from __future__ import annotations

import re

from msgspec import Struct

Version = tuple[int, int, int]


class Since(Struct, frozen=True):
    """The first version with a rule, and the first patches of older lines that have it. A line that is not named does not."""

    first: tuple[int, ...]
    patches: tuple[Version, ...] = ()

    def holds(self, version: Version) -> bool:
        return version >= self.first or any(version[:2] == one[:2] and version >= one for one in self.patches)


def parse_version(text: str) -> Version | None:
    """`1.30.3` as (1, 30, 3), `1.32-alpha.86c9f…` as (1, 32, 0); None for other words, as of a build without a number."""
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
