"""Where and why a request ends: the proxy that decides, its reason, the nearest misses, what to change, the line of its log."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.location import Location
from meshscope.render.trace.ends import End, decisive
from meshscope.render.trace.every_step import owner_spans, place_spans, short_losers
from meshscope.render.trace.line import Line, Meaning, Position, Span
from meshscope.render.trace.spelling import Spelling
from meshscope.render.trace.verdict import DEEDS, logged_words
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Step
from meshscope.simulation.verdict import Truth

MOST_PLACES = 3
_DEPTH = 2


class _Reason(Struct, frozen=True):
    """One of the steps that decide; `places` are those of its like on the other paths of the end, too."""

    step: Step
    position: Position
    places: tuple[Location, ...]


def why_lines(end: End, key: tuple[str, ...], spelling: Spelling) -> Iterator[Line]:
    """Nothing for a path that is delivered without any doubt."""
    path, reasons = end.path, _reasons(end)
    before = -1
    for reason in reasons:
        at = reason.position.hop
        if at != before:
            is_last = at == reasons[-1].position.hop
            yield _headline(end, at, path.disposition if is_last else Disposition.UNKNOWN, key)
        before = at
        yield from _reason_lines(reason, (*key, reason.step.kind), spelling, is_well=path.is_well)
    if reasons and (words := logged_words(path)):
        yield Line((*key, "logged"), (Span(words, Meaning.DIM),), _DEPTH, "logged")


def _reasons(end: End) -> tuple[_Reason, ...]:
    alike = zip(*(tuple(decisive(path)) for path in end.paths), strict=False)
    found = []
    for steps in alike:
        at, index, step = steps[0]
        places = dict.fromkeys(one.location for _, _, one in steps if one.location)
        found.append(_Reason(step, Position(end.index, at, index), tuple(places)))
    return tuple(found)


def _headline(end: End, at: int, disposition: Disposition, key: tuple[str, ...]) -> Line:
    hop, names = end.path.hops[at], end.proxies(at)
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    spans = (
        Span(names[0] + more, Meaning.PROXY, position=Position(end.index, at)),
        Span(f"({hop.direction})", Meaning.DIM, joined=True),
        Span(DEEDS[disposition], Meaning.REASON, joined=True),
    )
    return Line((*key, hop.direction), spans, _DEPTH - 1, apart=True)


def _reason_lines(reason: _Reason, key: tuple[str, ...], spelling: Spelling, *, is_well: bool) -> Iterator[Line]:
    step, position = reason.step, reason.position
    spans: tuple[Span, ...] = (Span(step.because, Meaning.REASON, position=position),) if step.because else ()
    if step.chosen or not step.because:
        what = Span(step.kind.replace("_", " "), Meaning.LABEL)
        chosen = Span(step.chosen, Meaning.VALUE, joined=True, location=step.location, position=position)
        spans = (what, chosen, *spans)
    yield Line(key, spans, _DEPTH, "because")
    if step.hint:
        yield Line((*key, "pass"), (Span(spelling.hint(step.hint), Meaning.HINT),), _DEPTH, "pass")
    if step.verdict is not Truth.YES:
        yield from short_losers(step, key, _DEPTH, spelling)
    if step.owner:
        label = "by" if is_well else "change"
        yield Line((*key, "owner"), owner_spans(step), _DEPTH, label)
    for place in reason.places[:MOST_PLACES]:
        yield Line((*key, "at"), place_spans(place), _DEPTH, "at")
