"""Answers that are kept, a bounded number of them: what depends on nothing else is not worked out again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class BoundedCache:
    """When `most` are kept all are forgotten: a batch that goes through so many has no use for the old ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: dict[Hashable, Any] = {}

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer to `key`, which must hold everything that `make` depends on."""
        try:
            found: T = self._answers[key]
        except KeyError:
            found = make()
            if len(self._answers) >= self._most:
                self._answers.clear()
            self._answers[key] = found
        return found
