"""Python's cyclic collector, kept away from the keys.

A walk over all objects of a big mesh takes 0.3 s and more, and no key is answered meanwhile. What was read lives as long as
its page or the session, so the collector is told to leave it out; what closed pages leave behind is looked for when nobody
has touched the terminal for a while. https://docs.python.org/3/library/gc.html#gc.freeze
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from meshscope.mesh.bodies import collector_paused

IDLE = 20.0
"""Seconds without a key or the mouse after which all objects are looked at once."""

MOST_LEFT_BEHIND = 5


@contextmanager
def kept_from_collector() -> Iterator[None]:
    """All objects that are alive at the end are left out from then on, until `Collector.look` takes them in again."""
    with collector_paused():
        try:
            yield
        finally:
            gc.freeze()


class Collector:
    """Looks at all objects, at most once after each stretch of use. Asked every `IDLE` seconds."""

    def __init__(self) -> None:
        self._is_used = self._is_due = True
        self._left_behind = 0

    def used(self) -> None:
        """A key or the mouse."""
        self._is_used = self._is_due = True

    def renewed(self) -> None:
        """A mesh was left behind. Of those that change all the time under somebody who types, only so many are kept."""
        self._is_due = True
        self._left_behind += 1
        if self._left_behind >= MOST_LEFT_BEHIND:
            self._collect()

    def look(self) -> None:
        if self._is_due and not self._is_used:
            self._collect()
        self._is_used = False

    def _collect(self) -> None:
        self._is_due, self._left_behind = False, 0
        gc.unfreeze()
        gc.collect()
        gc.freeze()
