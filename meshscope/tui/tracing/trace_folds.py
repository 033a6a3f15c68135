"""Branches of an outline that are folded: which lines are left. No widget in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from meshscope.render.trace.line import Line, Meaning, Span

Key = tuple[str, ...]


def branch_end(lines: Sequence[Line], number: int) -> int:
    """The first line behind what is deeper than a line."""
    end = number + 1
    while end < len(lines) and lines[end].depth > lines[number].depth:
        end += 1
    return end


def without_folded(lines: Sequence[Line], folded: Collection[Key]) -> tuple[Line, ...]:
    """Without the lines of folded branches; the head of each says how many there are."""
    kept, number = [], 0
    while number < len(lines):
        line, end = lines[number], branch_end(lines, number)
        if line.key in folded and end > number + 1:
            count = end - number - 1
            more = Span(f"… {count} {'line' if count == 1 else 'lines'} folded", Meaning.DIM)
            kept.append(replace(line, spans=(*line.spans, more)))
            number = end
        else:
            kept.append(line)
            number += 1
    return tuple(kept)
