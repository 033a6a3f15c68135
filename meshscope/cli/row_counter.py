"""A stream of rows that is counted, as it has no length before its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Generic, TypeVar

T = TypeVar("T")


class RowCounter(Generic[T]):
    """`count` is the number of rows so far."""

    def __init__(self, rows: Iterable[T]) -> None:
        self._rows = iter(rows)
        self._first: tuple[T, ...] = ()
        self.count = 0

    def start(self) -> None:
        """Reads the first row ahead: what takes long until then is over before a line is written."""
        self._first = tuple(islice(self._rows, 1))

    def __iter__(self) -> Iterator[T]:
        for row in chain(self._first, self._rows):
            self.count += 1
            yield row
