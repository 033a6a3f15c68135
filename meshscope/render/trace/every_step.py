"""A step in full: its verdict, what it chose and why, its object and place, what to pass, who lost, what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.location import Location
from meshscope.render.trace.contrast import Contrast, needs
from meshscope.render.trace.line import Line, Meaning, Position, Span
from meshscope.render.trace.spelling import Spelling
from meshscope.render.trace.verdict import MEANINGS
from meshscope.simulation.trace import Rejected, Step, StepKind
from meshscope.simulation.verdict import Truth

MOST_LOSERS = 3
_NAMED = frozenset({StepKind.LISTENER_FILTER, StepKind.NETWORK_FILTER, StepKind.HTTP_FILTER})
"""Kinds of steps of which a hop has many: what each chose, its filter, says which one it is."""


def step_lines(step: Step, position: Position, key: tuple[str, ...], depth: int, spelling: Spelling) -> Iterator[Line]:
    key = (*key, step.kind, step.chosen if step.kind in _NAMED else "")
    because = Meaning.DIM if step.verdict is Truth.YES else Meaning.REASON
    spans = (
        Span(step.chosen, Meaning.VALUE, location=step.location, position=position),
        Span(step.because, because, position=position),
    )
    filled = tuple(span for span in spans if span.text)
    yield Line(key, filled, depth, step.kind.replace("_", " "), MEANINGS[step.verdict])
    if step.owner:
        yield Line((*key, "by"), owner_spans(step), depth + 1, "by")
    if step.location and (step.owner or step.verdict is not Truth.YES):
        yield Line((*key, "at"), place_spans(step.location), depth + 1, "at")
    if step.hint:
        yield Line((*key, "pass"), (Span(spelling.hint(step.hint), Meaning.HINT),), depth + 1, "pass")
    yield from loser_lines(step.rejected, key, depth + 1)
    if step.changes:
        from meshscope.render.trace.header_changes import change_lines  # few steps change the request

        yield from change_lines(step.changes, key, depth + 1)


class Losers(Struct, frozen=True):
    """Candidates, the nearest first. `said`: what is said of the request already."""

    found: Sequence[Rejected]
    said: Contrast | None = None


def short_losers(
    losers: Losers, key: tuple[str, ...], depth: int, spelling: Spelling, most: int = MOST_LOSERS
) -> Iterator[Line]:
    """The first of them, and how many more there are."""
    yield from loser_lines(losers.found[:most], key, depth, losers.said)
    if len(losers.found) > most:
        words = f"{len(losers.found) - most} more; {spelling.every_step} shows them"
        yield Line((*key, "more"), (Span(words, Meaning.DIM),), depth, "not")


def loser_lines(
    losers: Sequence[Rejected], key: tuple[str, ...], depth: int, but: Contrast | None = None
) -> Iterator[Line]:
    for loser in losers:
        spans = (Span(loser.name, Meaning.VALUE, location=loser.location), Span(needs(loser, but), Meaning.DIM))
        yield Line((*key, "not", loser.name), spans, depth, "not")


def owner_spans(step: Step) -> tuple[Span, ...]:
    return (Span(step.owner, Meaning.OWNER, owner=step.owner),) if step.owner else ()


def place_spans(location: Location | None) -> tuple[Span, ...]:
    """`document:line`; in a document of one line, where that leads nowhere, the path in it."""
    if location is None:
        return ()
    place = location.place()
    if place.path and (place.line is None or (place.line == 1 and (place.column or 1) > 1)):
        path = Span(place.path, Meaning.PLACE, joined=True, location=location)
        return (Span(place.document, Meaning.PLACE, location=location), path)
    line = f":{place.line}" if place.line else ""
    return (Span(f"{place.document}{line}", Meaning.PLACE, location=location),)
