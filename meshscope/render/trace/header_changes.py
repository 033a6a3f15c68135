"""What a step changes in the headers of the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.simulation.trace import HeaderChange

_UNKNOWN = "a value that is not known"


def change_lines(changes: Iterable[HeaderChange], key: tuple[str, ...], depth: int) -> Iterator[Line]:
    """A line for each header: its values before and after, or that those after are not known."""
    for change in changes:
        word, spans = _word(change), [Span(change.name, Meaning.DIM)]
        if change.was:
            spans.append(Span(", ".join(change.was), Meaning.REASON))
        if change.was and word != "removed":
            spans.append(Span("→", Meaning.DIM))
        if change.unknown:
            spans.append(Span(_UNKNOWN, Meaning.UNKNOWN))
        elif change.now:
            spans.append(Span(", ".join(change.now), Meaning.VALUE))
        yield Line((*key, word, change.name), tuple(spans), depth, word)


def _word(change: HeaderChange) -> str:
    if change.unknown or (change.was and change.now):
        return "changed"
    return "added" if change.now else "removed"
