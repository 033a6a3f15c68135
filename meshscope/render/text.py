"""Text from dumps is data: control characters and terminal sequences are shown, never obeyed.

Widths are those of terminal cells (East Asian and combining characters counted).
"""

from __future__ import annotations

import re

from rich.cells import cell_len

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """Control and bidirectional characters as escapes, on one line."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def shortened(text: str, most: int) -> str:
    """At most so many cells; what is cut is in the middle, as Istio's names differ at their ends."""
    if width(text) <= most:
        return text
    if most <= 1:
        return "…"[:most]
    tail = (most - 1) * 3 // 5
    head = most - 1 - tail
    while width(text[:head]) + width(text[len(text) - tail :]) + 1 > most:
        head, tail = max(0, head - 1), tail - (0 if head else 1)
    return text[:head] + "…" + text[len(text) - tail :]


def padded(text: str, cells: int) -> str:
    return text + " " * (cells - width(text))
