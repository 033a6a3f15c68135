"""Which lines of a text have what is looked for, and the next of them. No widget in it."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from meshscope.work import UNFOLLOWED, Work

_LINES_OF_A_STEP = 20_000


def lines_with(lines: Sequence[str], text: str, work: Work = UNFOLLOWED) -> array[int]:
    """The indices of the lines that contain a text, case ignored. Raises CancelledError."""
    wanted = text.casefold()
    found = array("I")
    for start in range(0, len(lines) if wanted else 0, _LINES_OF_A_STEP):
        work.step(start, len(lines))
        part = lines[start : start + _LINES_OF_A_STEP]
        found.extend(index for index, line in enumerate(part, start) if wanted in line.casefold())
    return found


def next_place(found: Sequence[int], line: int, *, forward: bool = True) -> int | None:
    """The place in `found` of the first line beyond another one; it begins again at the other end. None without any."""
    if not found:
        return None
    return bisect_right(found, line) % len(found) if forward else (bisect_left(found, line) - 1) % len(found)
