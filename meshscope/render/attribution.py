"""Rules and what they made, for people: the sections that effects add to a description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.effect.answer import RuleEffect
from meshscope.effect.described import Attribution
from meshscope.listing.column import Column
from meshscope.render.effect_columns import WORDS
from meshscope.render.painting import BOLD, painted
from meshscope.render.table import table
from meshscope.render.text import safe

INDENT = "  "
MOST = 20


class RuleLine(Struct, frozen=True):
    """One rule in one state: what it made, or why it made nothing, and the proxies where that is so."""

    rule: str
    state: str
    made: str
    proxies: tuple[str, ...]
    place: str = ""


def sections(found: Attribution, *, colour: bool, cells: int | None) -> Iterator[str]:
    """Lines for a description; none where nothing is known."""
    if found.made_of:
        yield painted("made of", BOLD, colour=colour)
        yield INDENT + safe(found.made_of)
    for title, lines, columns in (
        ("rules", tuple(_rules(found.rules)), OF_RULES),
        ("made by", tuple(_makers(found.made_by)), OF_MAKERS),
    ):
        if lines:
            yield painted(title, BOLD, colour=colour)
            room = None if cells is None else cells - len(INDENT)
            for line in table(lines[:MOST], columns, cells=room, colour=colour, headers=False):
                yield INDENT + line
            if more := len(lines) - MOST:
                yield from [f"{INDENT}… and {more} more (-o json lists them)"] if more > 0 else []


def _rules(effects: Iterable[RuleEffect]) -> Iterator[RuleLine]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for one in effects:
        state = WORDS[one.state]
        for made in _words(one):
            found.setdefault((one.rule or "all", state, made), []).append(one.proxy or "")
    for (rule, state, made), proxies in found.items():
        yield RuleLine(rule, state, made, tuple(dict.fromkeys(filter(None, proxies))))


def _words(one: RuleEffect) -> tuple[str, ...]:
    """What it made; where something is missing or other, why."""
    made = tuple(f"{each.kind}/{each.name}" for each in one.makes)
    is_well = WORDS[one.state] == "in effect"
    return made if made and is_well else (one.because,)


def _makers(effects: Iterable[RuleEffect]) -> Iterator[RuleLine]:
    for one in effects:
        place = one.location.place() if one.location else None
        where = f"{place.document}{f':{place.line}' if place.line else ''}" if place else ""
        because = "" if WORDS[one.state] == "in effect" else one.because
        yield RuleLine(f"{one.object} {one.rule}".strip(), WORDS[one.state], because, (), where)


def _proxies(line: RuleLine) -> str:
    return f"in {len(line.proxies)} proxies" if len(line.proxies) > 1 else ", ".join(line.proxies)


OF_RULES: tuple[Column[RuleLine], ...] = (
    Column("RULE", lambda line: safe(line.rule)),
    Column("STATE", lambda line: line.state),
    Column("MADE", lambda line: safe(line.made)),
    Column("PROXIES", lambda line: safe(_proxies(line)), rank=1),
)
OF_MAKERS: tuple[Column[RuleLine], ...] = (
    Column("RULE", lambda line: safe(line.rule)),
    Column("STATE", lambda line: line.state),
    Column("WRITTEN", lambda line: safe(line.place), rank=1),
    Column("BECAUSE", lambda line: safe(line.made), rank=2),
)
