"""Whether the terminal is gone: who closes a window does not always send SIGHUP, and Textual would read on for ever."""

from __future__ import annotations

import sys
from collections.abc import Callable

LOOK_SECONDS = 2.0


def watcher() -> Callable[[], bool] | None:
    """Tells it when it is called; None where stdin is no terminal, or the system cannot be asked."""
    try:
        import select

        stdin = sys.__stdin__
        if stdin is None or not stdin.isatty():
            return None
        poll = select.poll()
        poll.register(stdin.fileno(), 0)
    except (AttributeError, OSError, ValueError):  # Windows; a stdin that is closed
        return None
    return lambda: any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
