"""An object as a table of its fields: on each line a path, spelled for jq and `-o jsonpath`, and its value. No widget in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meshscope.path import Path
from meshscope.tui.text.text_path import query_of, value_text
from meshscope.work import UNFOLLOWED, Work

GAP = 2
MOST = 56
"""Characters that a value begins behind, unless its path is longer."""
_LINES_OF_A_STEP = 20_000

Leaf = tuple[Path, Any]
"""A path, and what is there: a text, a number, a boolean, null, or an empty object or list."""


def leaves(value: Any, work: Work = UNFOLLOWED) -> list[Leaf]:
    """All of a JSON value, in its order; one with an empty path for a value that is no object and no list.

    Raises CancelledError.
    """
    found: list[Leaf] = []
    waiting: list[Leaf] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, (dict, list)) and one:
            parts = list(one.items()) if isinstance(one, dict) else list(enumerate(one))
            waiting.extend(((*path, part), below) for part, below in reversed(parts))
            continue
        if not len(found) % _LINES_OF_A_STEP:
            work.step(len(found), len(found) + len(waiting))
        found.append((path, one))
    return found


def table_lines(found: Sequence[Leaf], work: Work = UNFOLLOWED) -> list[str]:
    """One line for each leaf; a text of several lines is on one, as JSON spells it. Raises CancelledError."""
    paths = [query_of(path) for path, _ in found]
    longest = max((len(path) for path in paths if len(path) <= MOST), default=0)
    lines = []
    for number, (path, (_, value)) in enumerate(zip(paths, found, strict=True)):
        if not number % _LINES_OF_A_STEP:
            work.step(number, len(found))
        text = value_text(value)
        lines.append(f"{path.ljust(longest)}{' ' * GAP}{text if text.isprintable() else value_text([value])[1:-1]}")
    return lines
