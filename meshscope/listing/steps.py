"""Long lists as their caller follows them: steps of the work, and a share of it for each part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from meshscope.work import Work

T = TypeVar("T")
_STRIDE = 32
"""Items between two steps; one item takes well under a millisecond."""


def steps(items: Sequence[T], work: Work) -> Iterator[T]:
    """The items, with a step of the work now and then. Raises CancelledError where it is cancelled."""
    total = len(items)
    for done, item in enumerate(items):
        if not done % _STRIDE:
            work.step(done, total)
        yield item
    if total:
        work.report(total, total)


def parts(items: Sequence[T], work: Work) -> Iterator[tuple[T, Work]]:
    """The items, each with its share of the work: 3 of 4 in the second of two items is 7 of 8 of the whole.

    Raises CancelledError where the work is cancelled.
    """
    total = len(items)
    for index, item in enumerate(items):
        work.step(index, total)
        yield item, _share(work, index, total)
    if total:
        work.report(total, total)


def _share(work: Work, index: int, total: int) -> Work:
    report = work.progress
    if report is None:
        return work
    return Work(lambda done, count: report(index * count + done, total * count), work.cancelled)
