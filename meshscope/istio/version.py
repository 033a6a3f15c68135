"""Versions of Istio, as far as rules differ between them: major and minor."""

from __future__ import annotations

import re

Version = tuple[int, int]


def parse_version(text: str) -> Version | None:
    """`1.30.3` and `1.32-alpha.86c9f…` as (1, 30) and (1, 32); None for other words, as of a build without a number."""
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None
