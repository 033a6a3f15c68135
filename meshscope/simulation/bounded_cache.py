"""A cache with a bound on its size, for answers that depend on nothing but their key."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class BoundedCache:
    """A full cache is emptied: a batch with so many different questions does not come back to the old ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: dict[Hashable, Any] = {}

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer for `key`, which must hold everything that `make` depends on."""
        try:
            found: T = self._answers[key]
        except KeyError:
            found = make()
            if len(self._answers) >= self._most:
                self._answers.clear()
            self._answers[key] = found
        return found
