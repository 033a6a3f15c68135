"""Python's cyclic collector, kept away from the keys.

A walk over all objects of a big mesh takes 0.3 s and more, and no key is answered meanwhile. What was read lives as long as
its page or the session and most is freed without the collector, so the collector is told to leave it out
(https://docs.python.org/3/library/gc.html#gc.freeze). While nobody touches the terminal it looks at what came since; what
closed pages leave behind, and a mesh that was traced, wait until nobody has been there for long.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh

IDLE = 20.0
"""Seconds between two looks, and without a key or the mouse before one."""
AWAY = 600.0
"""Seconds without a key or the mouse after which all objects are looked at: a key may wait for that."""

MOST_LEFT_BEHIND = 5
"""Meshes that may wait for it; with more, all objects are looked at in the next pause of the keys."""


@contextmanager
def kept_from_collector() -> Iterator[None]:
    """All objects that are alive at the end are left out from then on, until nobody has been there for `AWAY`."""
    with collector_paused():
        try:
            yield
        finally:
            gc.freeze()


class Collector:
    """Asked to look every `IDLE` seconds. After each stretch of use it looks once at new objects, and once at all."""

    def __init__(self) -> None:
        self._is_used = True
        self._idle = 0.0
        self._is_new_due = self._is_all_due = True
        self._left_behind: WeakSet[Mesh] = WeakSet()

    def used(self) -> None:
        """A key or the mouse."""
        self._is_used = self._is_new_due = self._is_all_due = True

    def renewed(self, before: Mesh) -> None:
        """A mesh is left behind."""
        self._is_new_due = self._is_all_due = True
        self._left_behind.add(before)
        if len(self._left_behind) > 2 * MOST_LEFT_BEHIND:  # somebody types all the time
            self._look_at_all()

    def look(self) -> None:
        self._idle = 0.0 if self._is_used else self._idle + IDLE
        self._is_used = False
        wait = IDLE if len(self._left_behind) > MOST_LEFT_BEHIND else AWAY
        if self._is_all_due and self._idle >= wait:
            self._look_at_all()
        elif self._is_new_due and self._idle:
            self._is_new_due = False
            gc.collect()
            gc.freeze()

    def _look_at_all(self) -> None:
        self._is_new_due = self._is_all_due = False
        gc.unfreeze()
        gc.collect()
        gc.freeze()
