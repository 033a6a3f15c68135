"""Which lines of a text are seen when blocks of it are folded: a million lines fold within a key's time. No widget in it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from msgspec import Struct

from meshscope.work import UNFOLLOWED, Work

DEEPEST = 255
_LINES_OF_A_STEP = 20_000
_OPENERS, _CLOSERS = ("{", "["), ("}", "]")


def depths_of(lines: Sequence[str], work: Work = UNFOLLOWED) -> bytes:
    """How deep each line is in its tree, a byte each: what is deeper than a line and follows it is its block.

    A closing bracket is in the block that it closes; the brackets around the whole text are as deep as what they hold.
    The key of an item of a list (`- key:`) is a level of its own below the item. Raises CancelledError.
    """
    found = bytearray(len(lines))
    stack: list[int] = []
    depth = 0
    base = 1 if lines and lines[0] in _OPENERS else 0
    for number, line in enumerate(lines):
        if not number % _LINES_OF_A_STEP:
            work.step(number, len(lines))
        body = line.lstrip(" ")
        if not body:
            found[number] = found[number - 1] if number else 0
            continue
        column, dashes = len(line) - len(body), 0
        while body.startswith("-") and body[2 * dashes : 2 * dashes + 2] in ("- ", "-"):
            dashes += 1
        is_apart = dashes or body[0] in _CLOSERS  # a list may stand at the column of its key
        level = 2 * column + 1 if is_apart else 2 * column
        if not dashes and stack and stack[-1] == level:  # beside the line before, as most are
            found[number] = depth
            continue
        while stack and stack[-1] >= level:
            stack.pop()
        stack.append(level)
        found[number] = min(max(0, len(stack) - 1 - base), DEEPEST)
        depth = min(max(0, len(stack) - 1 + dashes - base), DEEPEST)
        stack.extend(2 * (column + 2 * dash) + (dash < dashes) for dash in range(1, dashes + 1))
    return bytes(found)


def block_end(depths: bytes, line: int) -> int:
    """The first line behind the block of a line."""
    found = re.compile(b"[\\x00-" + re.escape(bytes([depths[line]])) + b"]", re.DOTALL).search(depths, line + 1)
    return found.start() if found else len(depths)


def parent(depths: bytes, line: int) -> int | None:
    """The line in whose block a line is."""
    found = _last_at_most(depths, depths[line] - 1, line)
    return None if found < 0 else found


def _last_at_most(depths: bytes, depth: int, line: int) -> int:
    """The last line before another one that is no deeper; -1 without any."""
    return max((depths.rfind(each, 0, line) for each in range(depth + 1)), default=-1)


def sibling(lines: Sequence[str], depths: bytes, line: int, *, forward: bool) -> int | None:
    """The next line of the same block that is as deep, a closing bracket excepted."""
    if line >= len(depths):
        return None
    found = block_end(depths, line) if forward else _last_at_most(depths, depths[line], line)
    if not 0 <= found < len(depths) or depths[found] != depths[line]:
        return None
    return None if lines[found].lstrip().startswith(_CLOSERS) else found


class Folds(Struct, frozen=True):
    """`starts` and `stops` bound the lines that are hidden, in their order and apart from each other.

    The line before each hidden part is its head. A row is a line that is seen.
    """

    depths: bytes
    count: int
    starts: array[int] = array("I")
    stops: array[int] = array("I")
    hidden: array[int] = array("I")
    """How many lines are hidden up to the end of each part."""
    rows: array[int] = array("I")
    """The row that follows each head."""

    @classmethod
    def none(cls, depths: bytes, count: int) -> Folds:
        return cls(depths, count)

    @property
    def row_count(self) -> int:
        return self.count - (self.hidden[-1] if self.hidden else 0)

    def line_at(self, row: int) -> int:
        part = bisect_right(self.rows, row)
        return row + (self.hidden[part - 1] if part else 0)

    def row_of(self, line: int) -> int:
        """The row of a line, of a hidden one that of its head."""
        part = bisect_right(self.starts, line)
        if part and line < self.stops[part - 1]:
            return self.rows[part - 1] - 1
        return line - (self.hidden[part - 1] if part else 0)

    def hidden_after(self, line: int) -> int:
        """How many lines are folded into a line."""
        part = bisect_left(self.starts, line + 1)
        is_head = part < len(self.starts) and self.starts[part] == line + 1
        return self.stops[part] - self.starts[part] if is_head else 0

    def toggled(self, line: int) -> tuple[Folds, int]:
        """With the block of a line folded or opened, of a line without one the block that it is in; and its head."""
        if self.hidden_after(line):
            return self.opened_at(line + 1), line
        head: int | None = line
        if line >= len(self.depths):
            return self, line
        if block_end(self.depths, line) == line + 1:
            head = parent(self.depths, line)
        if head is None:
            return self, line
        start, stop = head + 1, block_end(self.depths, head)
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, stop)
        parts = [*zip(self.starts[:first], self.stops[:first], strict=True), (start, stop)]
        return self._with([*parts, *zip(self.starts[last:], self.stops[last:], strict=True)]), head

    def opened_at(self, line: int) -> Folds:
        """With the part opened that hides a line, for what is searched."""
        part = bisect_right(self.starts, line) - 1
        if part < 0 or line >= self.stops[part]:
            return self
        parts = list(zip(self.starts, self.stops, strict=True))
        return self._with(parts[:part] + parts[part + 1 :])

    def to_depth(self, levels: int) -> Folds:
        """With all lines hidden that are in more than some levels of blocks."""
        deep = re.compile(b"[" + re.escape(bytes([min(levels, DEEPEST)])) + b"-\\xff]+", re.DOTALL)
        return self._with(found.span() for found in deep.finditer(self.depths))

    def _with(self, parts: Iterable[tuple[int, int]]) -> Folds:
        starts, stops, hidden, rows = array("I"), array("I"), array("I"), array("I")
        total = 0
        for start, stop in parts:
            starts.append(start)
            stops.append(stop)
            rows.append(start - total)
            total += stop - start
            hidden.append(total)
        return Folds(self.depths, self.count, starts, stops, hidden, rows)
