"""Both sides of a request for people: how it would end, and what of the answer is different from today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from meshscope.render.change_columns import not_rebuilt_lines
from meshscope.render.painting import BOLD, painted
from meshscope.render.text import safe
from meshscope.render.trace.changes import changes
from meshscope.render.trace.line import Line
from meshscope.render.trace.painter import Painter

if TYPE_CHECKING:
    from meshscope.overlay.both_sides import BothSides

SAME = "no line of the answer is different from today's"


def lines_of_both(both: BothSides, before: Sequence[Line], after: Sequence[Line], painter: Painter) -> Iterator[str]:
    """`before` and `after` are the outlines of both answers, empty where a side has none."""
    named = ", ".join(f"{one.object} ({one.change})" for one in both.applied)
    yield painted(safe(f"if applied: {named or 'nothing new'}"), BOLD, colour=painter.colour)
    yield from painter.paint(after)
    if both.after_error:
        yield safe(both.after_error.message)
    yield ""
    if both.before_error:
        yield safe(f"today: {both.before_error.message}")
    else:
        different = list(changes(before, after, painter))
        yield painted("different from today:" if different else SAME, BOLD, colour=painter.colour)
        yield from different
    yield from map(safe, not_rebuilt_lines(both.not_rebuilt))
