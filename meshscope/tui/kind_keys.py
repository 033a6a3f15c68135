"""Digits for the kinds of a proxy, the same on each screen with a table."""

from __future__ import annotations

from textual.binding import Binding

KINDS_BY_DIGIT = {
    "1": "listeners",
    "2": "filterchains",
    "3": "routes",
    "4": "clusters",
    "5": "endpoints",
    "6": "secrets",
    "7": "ecds",
    "8": "bootstrap",
}

KIND_KEYS = tuple(
    Binding(digit, f"kind('{kind}')", kind, show=False, id=f"table.{kind}") for digit, kind in KINDS_BY_DIGIT.items()
)
_SHORT = {"filterchains": "chains", "bootstrap": "boot"}
LEGEND = " ".join(f"{digit} {_SHORT.get(kind, kind)}" for digit, kind in KINDS_BY_DIGIT.items())
"""One line of at most 78 cells."""
