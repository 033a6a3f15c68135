"""The detail of one answer: the rule and its state, why, on which proxies, what was expected and what is there, and where."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import Difference, RuleEffect, State
from meshscope.location import Location
from meshscope.render.effect_columns import EffectLine
from meshscope.render.trace.every_step import place_spans
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.tui.effect.effect_rows import STATES
from meshscope.tui.tracing.trace_view import brief

MOST_PROXIES = 50
"""Named in a detail."""
_MEANINGS = {State.IN_EFFECT: Meaning.WELL, State.NOT_IN_EFFECT: Meaning.FAILED, State.UNKNOWN: Meaning.UNKNOWN}
"""Their glyphs are the painter's."""


def detail(line: EffectLine) -> tuple[Line, ...]:
    """For a worker: the line of a place may be the first question about a large document."""
    return tuple(_detail(line))


def _detail(line: EffectLine) -> Iterator[Line]:
    effect = line.effect
    yield Line(("state",), (_state(effect.state), Span(effect.rule or "the whole object", Meaning.QUESTION)))
    if because := _without_differences(effect):
        yield _said("because", because, apart=True)
    if line.proxies:
        yield Line(("on",), tuple(_proxies(line.proxies)), label="on", apart=not because)
    if effect.differences:
        for number, each in enumerate(effect.differences):
            yield _difference(number, each)
    elif effect.expected or effect.actual:
        yield _said("expected", effect.expected or "none", apart=True)
        is_same = effect.actual == effect.expected
        yield (
            Line(("actual",), (Span("the same", Meaning.DIM),), label="actual")
            if is_same
            else _said("actual", effect.actual or "absent")
        )
    if effect.location:
        yield _place("written", effect.location, apart=True)
    yield _place("made", effect.made) if effect.made else _nothing_made(line)


def _state(state: State) -> Span:
    meaning, text = _MEANINGS.get(state), STATES[state]
    return Span(text.split(" ", 1)[1], meaning) if meaning else Span(text, Meaning.ASSUMPTION)


def _without_differences(effect: RuleEffect) -> str:
    """The reason, without what the differences say below it."""
    said = "; ".join(map(str, effect.differences[:3]))  # a reason names no more of them
    return effect.because.removeprefix(said).removeprefix("; ") if said else effect.because


def _said(label: str, text: str, *, apart: bool = False) -> Line:
    return Line((label,), (Span(text, Meaning.REASON),), label=label, apart=apart)


def _proxies(names: tuple[str, ...]) -> Iterator[Span]:
    yield from (Span(name, Meaning.PROXY) for name in names[:MOST_PROXIES])
    if len(names) > MOST_PROXIES:
        yield Span(f"and {len(names) - MOST_PROXIES:,} more", Meaning.DIM)


def _difference(number: int, each: Difference) -> Line:
    """`field: expected → actual`."""
    spans = (
        Span(f"{each.field}:", Meaning.QUESTION),
        Span(each.expected or "none", Meaning.REASON, joined=True),
        Span("→", Meaning.DIM, joined=True),
        Span(each.actual or "absent", Meaning.ASSUMPTION, joined=True),
    )
    return Line(("differs", str(number)), spans, label="differs", apart=not number)


def _place(label: str, location: Location, *, apart: bool = False) -> Line:
    return Line((label,), tuple(map(brief, place_spans(location))), label=label, apart=apart)


def _nothing_made(line: EffectLine) -> Line:
    """Of several places none is named either."""
    is_there = line.effect.state in (State.IN_EFFECT, State.PARTLY)
    return Line(("made",), (Span("at several places" if is_there else "nothing", Meaning.DIM),), label="made")
