"""The colours of answers, of the sixteen that every terminal has. A colour is never the only signal: a word says the same."""

from __future__ import annotations

BOLD, FAINT = "1", "2"
RED, GREEN, YELLOW, MAGENTA, CYAN = "31", "32", "33", "35", "36"

MISSING = "MISSING: nothing has this name"

_WORDS = {
    **dict.fromkeys(("HEALTHY", "OK", "SYNCED", "ACTIVE", "true", "in effect"), GREEN),
    **dict.fromkeys(
        (
            MISSING,
            "UNHEALTHY",
            "FAILED",
            "FAILED_CHECK",
            "ERROR",
            "EXPIRED",
            "error",
            "false",
            "not in effect",
        ),
        RED,
    ),
    **dict.fromkeys(
        ("STALE", "DEGRADED", "DRAINING", "WARMING", "TIMEOUT", "draining", "warming", "partly", "unknown", "?"), YELLOW
    ),
    **dict.fromkeys(("NOT SENT", "-"), FAINT),
    "✓": GREEN,
    "✗": RED,
}


def style_of(word: str) -> str:
    """The style of a word that is a state, "" for every other word."""
    return _WORDS.get(word, "")


def painted(text: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour and style and text else text
