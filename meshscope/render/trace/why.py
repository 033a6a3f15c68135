"""Where and why a request ends: the proxy that decides, its reason, the nearest misses, what to change, the line of its log."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.location import Location
from meshscope.render.trace.contrast import Contrast, contrast_in
from meshscope.render.trace.ends import End, decisive, near_misses
from meshscope.render.trace.every_step import Losers, owner_spans, place_spans, short_losers
from meshscope.render.trace.facts import black_hole
from meshscope.render.trace.line import Line, Meaning, Position, Span
from meshscope.render.trace.spelling import Spelling
from meshscope.render.trace.verdict import DEEDS, logged_words
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Path, Rejected, Step, StepKind
from meshscope.simulation.verdict import Truth

MOST_PLACES = 3
_FILTERS = (StepKind.NETWORK_FILTER, StepKind.HTTP_FILTER)
_DEPTH = 2


class _Reason(Struct, frozen=True):
    """One of the steps that decide; `places` are those of its like on the other paths of the end, too."""

    step: Step
    position: Position
    places: tuple[Location, ...]

    @property
    def because(self) -> str:
        """Without what it says of the nearest candidate, which has lines of its own."""
        if self.wanter is None:
            return self.step.because
        return self.step.because.replace(f"; policy {_named(self.wanter)}", "")

    @property
    def contrast(self) -> Contrast | None:
        """What decides: of the nearest candidate, or of the step itself; nothing of a step that passes or is unknown."""
        if self.step.verdict is not Truth.NO:
            return None
        return contrast_in(self._nearest.because if self._nearest else self.step.because)

    @property
    def wanter(self) -> Rejected | None:
        return self._nearest if self.contrast else None

    @property
    def others(self) -> tuple[Rejected, ...]:
        """The losers of which nothing is said, the nearest first."""
        if self._nearest is None:
            return ()
        if self.wanter:
            return tuple(one for one in near_misses(self.step)[1:] if one.because != self.wanter.because)
        return tuple(one for one in near_misses(self.step) if _named(one) not in self.because)

    @property
    def _nearest(self) -> Rejected | None:
        """Of a filter that denies because a policy matches, the others are no misses: they were not to match."""
        losers = near_misses(self.step)
        is_filter = self.step.kind in _FILTERS and self.step.verdict is Truth.NO
        return (
            None
            if is_filter and not any(_named(one) in self.step.because for one in losers)
            else next(iter(losers), None)
        )


def _named(loser: Rejected) -> str:
    return f"{loser.name}: {loser.because}"


def why_lines(end: End, key: tuple[str, ...], spelling: Spelling) -> Iterator[Line]:
    """Nothing for a path that is delivered without any doubt."""
    path, reasons = end.path, _reasons(end)
    before = -1
    details = path.response.details if path.response else ""
    for reason in reasons:
        at = reason.position.hop
        if at != before:
            is_last = at == reasons[-1].position.hop
            yield _headline(end, reason, path.disposition if is_last else Disposition.UNKNOWN, key)
        before = at
        yield from _reason_lines(reason, (*key, reason.step.kind), spelling, details)
        yield from _change_lines(reason, path, (*key, reason.step.kind))
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


def _headline(end: End, reason: _Reason, disposition: Disposition, key: tuple[str, ...]) -> Line:
    at = reason.position.hop
    hop, names = end.path.hops[at], end.proxies(at)
    deed = DEEDS[disposition]
    if reason.contrast and reason.contrast.is_strict:
        deed = "accepts mutual TLS only; the client sends plain text"
    elif not end.path.is_well and (hole := black_hole(hop)):
        deed = f"is {hole}"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    spans = (
        Span(names[0] + more, Meaning.PROXY, position=Position(end.index, at)),
        Span(f"({hop.direction})", Meaning.DIM, joined=True),
        Span(deed, Meaning.REASON, joined=True),
    )
    return Line((*key, hop.direction), spans, _DEPTH - 1, apart=True)


def _reason_lines(reason: _Reason, key: tuple[str, ...], spelling: Spelling, details: str) -> Iterator[Line]:
    step, position, contrast = reason.step, reason.position, reason.contrast
    if contrast is None or (reason.wanter is not None and not contrast.is_strict):
        yield from _because(step, reason.because, position, key, details if contrast else "")
    if contrast is not None:
        yield from contrast.lines(key, _DEPTH, position, reason.wanter)
    if step.hint:
        yield Line((*key, "pass"), (Span(spelling.hint(step.hint), Meaning.HINT),), _DEPTH, "pass")
    if step.verdict is not Truth.YES:
        yield from short_losers(Losers(reason.others, contrast), key, _DEPTH, spelling)


def _because(step: Step, because: str, position: Position, key: tuple[str, ...], details: str) -> Iterator[Line]:
    """Nothing where that is what the log says, and no more."""
    spans: tuple[Span, ...] = (Span(because, Meaning.REASON, position=position),) if because else ()
    if step.chosen or not because:
        what = Span(step.kind.replace("_", " "), Meaning.LABEL)
        chosen = Span(step.chosen, Meaning.VALUE, joined=True, location=step.location, position=position)
        spans = (what, chosen, *spans)
    elif because == details:
        return
    yield Line(key, spans, _DEPTH, "because")


def _change_lines(reason: _Reason, path: Path, key: tuple[str, ...]) -> Iterator[Line]:
    """The object of the step, or that of the sender where the two do not agree; then where the configuration is."""
    step = reason.step
    if step.owner:
        place = place_spans(step.written)
        yield Line((*key, "owner"), (*owner_spans(step), *place), _DEPTH, "by" if path.is_well else "change")
    if reason.contrast and reason.contrast.is_strict and (sender := _sender(path, reason.position.hop)):
        yield Line((*key, "sender"), (*owner_spans(sender), *place_spans(sender.written)), _DEPTH, "or")
    for location in reason.places[:MOST_PLACES]:
        yield Line((*key, "at"), place_spans(location), _DEPTH, "at")


def _sender(path: Path, at: int) -> Step | None:
    """What says how the hop before this one speaks to it."""
    steps = path.hops[at - 1].steps if at else ()
    return next((step for step in reversed(steps) if step.kind is StepKind.CLUSTER and step.owner), None)
