"""Tables of effects on the screen: the state stands first, with a glyph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from meshscope.effect.answer import WORST_FIRST, ObjectEffect, State
from meshscope.listing.column import Column
from meshscope.listing.glyphs import IN_EFFECT, NOT_IN_EFFECT, PARTLY, UNKNOWN
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows
from meshscope.render.effect_columns import OF_OBJECTS, OF_RULES, EffectLine

STATES = {
    State.NOT_IN_EFFECT: NOT_IN_EFFECT,
    State.PARTLY: PARTLY,
    State.UNKNOWN: UNKNOWN,
    State.IN_EFFECT: IN_EFFECT,
}
_PLACES = ("WRITTEN", "MADE")
"""Columns that the detail of a line has instead: to work out a line of a large document takes long."""

OF_LINES: tuple[Column[EffectLine], ...] = (
    Column("STATE", lambda line: STATES[line.effect.state]),
    *(column for column in OF_RULES if column.title not in ("STATE", *_PLACES)),
)
OF_ALL: tuple[Column[ObjectEffect], ...] = (
    Column("STATE", lambda row: STATES[row.state]),
    *(column for column in OF_OBJECTS if column.title != "STATE"),
)


def line_rows(lines: Sequence[EffectLine]) -> Rows[EffectLine]:
    """A line is known by its rule and its first proxy, whatever its answer is."""
    names = ((next(iter(line.proxies), ""), "effect", line.effect.rule or "all") for line in lines)
    return Rows(lines, row_ids(names), OF_LINES)


def object_rows(found: Sequence[ObjectEffect]) -> Rows[ObjectEffect]:
    return Rows(found, row_ids(("", "effect", one.object) for one in found), OF_ALL)


def counted(states: Iterable[State]) -> str:
    """`✗ 1 not in effect · ✓ 5 in effect`, the worst first."""
    counts = Counter(states)
    words = (STATES[state].split(" ", 1) for state in WORST_FIRST if counts[state])
    numbers = (f"{counts[state]:,}" for state in WORST_FIRST if counts[state])
    return " · ".join(f"{glyph} {number} {word}" for (glyph, word), number in zip(words, numbers, strict=True))
