"""Glyphs of faults and states, the same on every face. A colour is never the only signal."""

from __future__ import annotations

ERROR, WARNING, WELL, PENDING, ABSENT = "✗", "▲", "✓", "…", "–"
MISSING = "⚠"
"""The target of a dangling reference."""
NOT_IN_EFFECT, PARTLY, UNKNOWN, IN_EFFECT = (
    f"{ERROR} not in effect",
    f"{WARNING} partly",
    "? unknown",
    f"{WELL} in effect",
)
EXPIRED, NOT_YET_VALID = f"{ERROR} expired", f"{ERROR} not yet valid"
