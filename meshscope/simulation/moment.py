"""A moment, as `--at` or a capture gives it."""

from __future__ import annotations

from datetime import UTC, datetime


def seconds_since_1970(at: str) -> float | None:
    """Of RFC 3339; without a zone it is UTC. None for a text that is no time."""
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
