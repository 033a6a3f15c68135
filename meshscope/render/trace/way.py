"""The way of a request, proxy after proxy. What several ends share is there once; where they part, each has its share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

from msgspec import Struct

from meshscope.render.trace.ends import End, decisive, near_misses, total
from meshscope.render.trace.every_step import Losers, short_losers, step_lines
from meshscope.render.trace.facts import Fact, facts
from meshscope.render.trace.line import Line, Meaning, Position, Span
from meshscope.render.trace.spelling import Spelling
from meshscope.render.trace.verdict import decided_words, meaning_of, share_words
from meshscope.simulation.journey.side import Side, is_on
from meshscope.simulation.matching.near_miss import mismatch_in
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Hop, Rejected, StepKind
from meshscope.simulation.verdict import Truth

MOST_PROXIES = 3
MOST_LOSERS = 1
"""Of a step that lets the request pass."""
Part = Hashable
"""A fact or a step of a hop."""


class _Hop(Struct, frozen=True):
    """A hop of ends that have it in common; `key` and `depth` are those of its lines."""

    ends: tuple[End, ...]
    index: int
    key: tuple[str, ...]
    depth: int

    @property
    def end(self) -> End:
        return self.ends[0]


class Way(Struct, frozen=True):
    """`side` is the only one whose hops are shown, None for both; `all_steps` shows steps instead of facts. `is_well`: each
    end is, so that what receives the request needs few words.
    """

    request: Request
    spelling: Spelling
    all_steps: bool = False
    side: Side | None = None
    is_well: bool = False

    def shows(self, hop: Hop) -> bool:
        return self.side is None or is_on(self.side, hop.direction)

    def lines(self, ends: Sequence[End], index: int = 0, depth: int = 1) -> Iterator[Line]:
        """The hops of these ends from the one with this index on."""
        there = [end for end in ends if index < len(end.path.hops)]
        groups = _grouped(there, lambda end: (end.proxies(index), end.path.hops[index].direction))
        for group in groups:
            if not self.shows(group[0].path.hops[index]):
                yield from self.lines(group, index + 1, depth)
                continue
            yield self._head(group, index, depth, shares=len(groups) > 1)
            yield from self._hop(_Hop(group, index, ("way", *group[0].proxies(index)), depth + 1))

    def _head(self, group: Sequence[End], index: int, depth: int, *, shares: bool) -> Line:
        end = group[0]
        hop, names = end.path.hops[index], end.proxies(index)
        spans = [Span(str(index + 1), Meaning.LABEL, joined=shares)]
        if shares:
            spans.insert(0, Span(_share(group), Meaning.SHARE))
        for number, name in enumerate(names[:MOST_PROXIES]):
            spans.append(Span(name, Meaning.PROXY, joined=not number, position=Position(end.index, index)))
        if len(names) > MOST_PROXIES:
            spans.append(Span(f"and {len(names) - MOST_PROXIES} more", Meaning.DIM))
        spans.append(Span(hop.direction.value, Meaning.DIM))
        if hop.view:
            spans.append(Span(f"view {hop.view}", Meaning.DIM))
        is_first = not any(map(self.shows, end.path.hops[:index]))
        return Line(("hop", *names, hop.direction), tuple(spans), depth, apart=is_first)

    def _hop(self, here: _Hop) -> Iterator[Line]:
        parts = [self._parts(end, here.index) for end in here.ends]
        shared = _shared(parts)
        branches = _grouped(here.ends, lambda end: self._parts(end, here.index)[shared:])
        is_one = len(branches) == 1
        yield from self._part_lines(here, 0, len(parts[0]) if is_one else shared, is_last=is_one)
        if not self.all_steps:
            yield from self._losers(here)
        if is_one:
            yield from _partings(here)
            yield from self.lines(here.ends, here.index + 1, here.depth - 1)
            return
        for branch in branches:
            key = (*here.key, branch[0].path.hops[here.index].cluster or branch[0].path.disposition)
            yield from self._branch(_Hop(branch, here.index, key, here.depth), shared)
            yield from _partings(_Hop(branch, here.index, key, here.depth + 1))
            yield from self.lines(branch, here.index + 1, here.depth + 1)

    def _parts(self, end: End, index: int) -> tuple[Part, ...]:
        return end.path.hops[index].steps if self.all_steps else self._facts(end, index)

    def _facts(self, end: End, index: int) -> tuple[Fact, ...]:
        return facts(end, index, self.request, is_brief=self.is_well)

    def _branch(self, here: _Hop, shared: int) -> Iterator[Line]:
        share = Span(_share(here.ends), Meaning.SHARE)
        if self.all_steps:
            yield Line(here.key, (share,), here.depth)
            yield from self._part_lines(
                _Hop(here.ends, here.index, here.key, here.depth + 1), shared, None, is_last=True
            )
        else:
            found = self._facts(here.end, here.index)[shared:]
            yield Line(here.key, (share, *_fact_spans(here, found), *_verdict(here)), here.depth)

    def _part_lines(self, here: _Hop, start: int, stop: int | None, *, is_last: bool) -> Iterator[Line]:
        """Some of the facts or steps of a hop, after its last one how the request ends there."""
        verdict = _verdict(here) if is_last else ()
        if not self.all_steps:
            found = self._facts(here.end, here.index)[start:stop]
            if spans := (*_fact_spans(here, found), *verdict):
                yield Line(here.key, spans, here.depth)
            return
        steps = here.end.path.hops[here.index].steps
        for number in range(start, len(steps) if stop is None else stop):
            position = Position(here.end.index, here.index, number)
            yield from step_lines(steps[number], position, here.key, here.depth, self.spelling)
        if verdict:
            yield Line((*here.key, "end"), verdict, here.depth)

    def _losers(self, here: _Hop) -> Iterator[Line]:
        """The nearest route that a passed hop did not take; a deciding step's losers are with the reason."""
        known: set[tuple[str, ...]] = set()
        for end in here.ends:
            deciding = {number for at, number, _ in decisive(end.path) if at == here.index}
            for number, step in enumerate(end.path.hops[here.index].steps):
                if step.kind is StepKind.ROUTE and step.verdict is Truth.YES and number not in deciding:
                    losers = [loser for loser in near_misses(step) if _is_worth_a_word(loser)]
                    shown = short_losers(Losers(losers), here.key, here.depth, self.spelling, MOST_LOSERS)
                    lines = [line for line in shown if line.key not in known]
                    known.update(line.key for line in lines)
                    yield from lines


def _is_worth_a_word(loser: Rejected) -> bool:
    """Whether a route had the path, or nearly; any table has routes for other paths."""
    mismatch = mismatch_in(loser.because)
    return mismatch is None or mismatch.subject != "path" or mismatch.is_one_letter_off


def _fact_spans(here: _Hop, found: Sequence[Fact]) -> tuple[Span, ...]:
    spans: list[Span] = []
    steps = here.end.path.hops[here.index].steps
    for fact in found:
        if fact.label:
            spans.append(Span(fact.label, Meaning.LABEL))
        # what is chosen last holds
        number = next((number for number in reversed(range(len(steps))) if steps[number].kind is fact.step), None)
        location = None if number is None else steps[number].location
        position = Position(here.end.index, here.index, number)
        spans.append(Span(fact.value, fact.meaning, joined=bool(fact.label), location=location, position=position))
    return tuple(spans)


def _verdict(here: _Hop) -> tuple[Span, ...]:
    """How the only end goes wrong here. What is delivered is named by its receiver already."""
    end = here.end
    if len(here.ends) > 1 or len(end.path.hops) > here.index + 1 or end.path.is_well:
        return ()
    return (Span(decided_words(end.path), meaning_of(end.path), position=Position(end.index, here.index)),)


def _partings(here: _Hop) -> Iterator[Line]:
    """Of several ends that have all of a hop in common, those that end there."""
    for end in here.ends if len(here.ends) > 1 else ():
        if len(end.path.hops) == here.index + 1:
            verdict = Span(decided_words(end.path), meaning_of(end.path), position=Position(end.index, here.index))
            yield Line((*here.key, "end", verdict.text), (Span(_share([end]), Meaning.SHARE), verdict), here.depth)


def _share(ends: Sequence[End]) -> str:
    return share_words(total([end.probability for end in ends]))


def _shared(parts: Sequence[tuple[Part, ...]]) -> int:
    """How many parts all of them begin with."""
    count = 0
    while all(count < len(one) and one[count] == parts[0][count] for one in parts):
        count += 1
    return count


def _grouped(ends: Sequence[End], key: Callable[[End], object]) -> list[tuple[End, ...]]:
    """In the order of their first members."""
    groups: list[tuple[object, list[End]]] = []
    for end in ends:
        this = key(end)
        same = next((members for known, members in groups if known == this), None)
        if same is None:
            groups.append((this, [end]))
        else:
            same.append(end)
    return [tuple(members) for _, members in groups]
