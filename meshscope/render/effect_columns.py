"""Tables of effects for people: proxies of which the same is to be said share a line."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from meshscope.effect.answer import ObjectEffect, RuleEffect, State
from meshscope.listing.column import Column
from meshscope.location import Location
from meshscope.render.trace.every_step import place_spans

WORDS = {
    State.IN_EFFECT: "in effect",
    State.PARTLY: "partly",
    State.NOT_IN_EFFECT: "not in effect",
    State.UNKNOWN: "unknown",
}


class EffectLine(Struct, frozen=True):
    """One answer, and the proxies that have it."""

    effect: RuleEffect
    proxies: tuple[str, ...]


def lines(effects: Iterable[RuleEffect]) -> tuple[EffectLine, ...]:
    """In the order of the rules; a rule's answers in the order of the first proxy that has each."""
    found: dict[tuple[str, State, str], list[RuleEffect]] = {}
    for one in effects:
        found.setdefault((one.rule, one.state, one.because), []).append(one)
    return tuple(EffectLine(same[0], tuple(one.proxy for one in same if one.proxy)) for same in found.values())


def _proxies(line: EffectLine) -> str:
    if len(line.proxies) > 2:
        return f"{len(line.proxies)} proxies"
    return ", ".join(line.proxies) or "none"


def _place(location: Location | None) -> str:
    return " ".join(span.text for span in place_spans(location))


OF_RULES: tuple[Column[EffectLine], ...] = (
    Column("RULE", lambda line: line.effect.rule or "all"),
    Column("STATE", lambda line: WORDS[line.effect.state]),
    Column("PROXIES", _proxies, rank=1),
    Column("BECAUSE", lambda line: line.effect.because),
    Column("EXPECTED", lambda line: line.effect.expected, wide=True),
    Column("ACTUAL", lambda line: line.effect.actual, wide=True),
    Column("WRITTEN", lambda line: _place(line.effect.location), wide=True),
    Column("MADE", lambda line: _place(line.effect.made), wide=True),
)
OF_OBJECTS: tuple[Column[ObjectEffect], ...] = (
    Column("OBJECT", lambda row: row.object),
    Column("STATE", lambda row: WORDS[row.state]),
    Column("IN EFFECT", lambda row: row.in_effect, rank=2),
    Column("PARTLY", lambda row: row.partly, rank=2),
    Column("NOT", lambda row: row.not_in_effect, rank=2),
    Column("UNKNOWN", lambda row: row.unknown, rank=2),
    Column("BECAUSE", lambda row: row.because),
)
