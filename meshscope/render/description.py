"""A description for people: a line with its name, then its owner and place, its users, what it reaches, all its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from meshscope.listing.column import Column
from meshscope.listing.describe import Description, Reference
from meshscope.render.machine import plain, resolved, yaml_text
from meshscope.render.painting import BOLD, FAINT, MISSING, painted
from meshscope.render.table import table
from meshscope.render.text import safe

MOST_REFERENCES = 20
LABEL = 7
INDENT = "  "


def description(
    thing: Description, *, colour: bool, cells: int | None, attribution: Iterable[str] = ()
) -> Iterator[str]:
    """The lines of a description. `cells` is the terminal's width, None where nothing may be cut; fields are never cut.
    `attribution` are lines about rules and what they made.
    """
    state = f"  {thing.state}" if thing.state else ""
    yield painted(safe(thing.title), BOLD, colour=colour) + safe(state)
    for label, value in _facts(thing):
        yield f"{INDENT}{painted(label.ljust(LABEL), FAINT, colour=colour)}{safe(value)}"
    for title, references in (("used by", thing.used_by), ("reaches", thing.reaches)):
        if references:
            yield painted(title, BOLD, colour=colour)
            yield from _references(references, thing.proxy, colour=colour, cells=cells)
    if thing.is_unused:
        yield f"{painted('used by', BOLD, colour=colour)} nothing in this input"
    yield from attribution
    yield painted("fields", BOLD, colour=colour)
    lines = yaml_text(plain(resolved(thing.object)), readable=True).rstrip("\n").split("\n")
    yield from (INDENT + line for line in _fields(map(safe, lines), colour=colour))


def _fields(lines: Iterable[str], *, colour: bool) -> Sequence[str]:
    if not colour:
        return tuple(lines)
    from meshscope.render.highlighting import highlighter  # only for terminals

    return highlighter("yaml")("\n".join(lines)).split("\n")


def _facts(thing: Description) -> Iterator[tuple[str, str]]:
    """Proxy, owner, place and sync state with their labels, without those that are unknown."""
    if thing.proxy:
        yield "proxy", thing.proxy
    if thing.owner:
        yield "owner", thing.owner
    if thing.location:
        place = thing.location.place()
        yield "at", f"{place.document}{f':{place.line}' if place.line else ''}{INDENT}{place.path}".rstrip()
    for refused in thing.refused:
        yield "error", refused
    for problem in thing.field_problems:
        yield "error", str(problem)
    for source in dict.fromkeys(problem.known_from for problem in thing.field_problems):
        yield "", f"fields as of {source}"
    if thing.sync:
        states = (("CDS", thing.sync.cds), ("LDS", thing.sync.lds), ("EDS", thing.sync.eds), ("RDS", thing.sync.rds))
        text = ", ".join(f"{name} {state.replace('_', ' ')}" for name, state in states)
        yield "sync", text + (f" with {thing.sync.istiod}" if thing.sync.istiod else "")


Group = tuple[Reference, list[str]]
"""The references to one name, as the first of them and the names of their proxies."""

_COLUMNS: tuple[Column[Group], ...] = (
    Column("NAME", lambda group: f"{group[0].kind}/{group[0].name}"),
    Column("PROXY", lambda group: group[1][0] if len(group[1]) == 1 else f"in {len(group[1])} proxies"),
    Column("STATE", lambda group: "" if group[0].exists else MISSING),
)


def _references(
    references: Sequence[Reference], proxy: str | None, *, colour: bool, cells: int | None
) -> Iterator[str]:
    """One line for each name, with its proxy if that is another one, or with the number of its proxies."""
    groups: dict[tuple[str, str, bool], Group] = {}
    for reference in references:
        key = (reference.kind, reference.name, reference.exists)
        proxies = groups.setdefault(key, (reference, []))[1]
        if reference.proxy and reference.proxy not in proxies:
            proxies.append(reference.proxy)
    here = [proxy] if proxy else []
    columns = [
        column
        for column in _COLUMNS
        if column.title == "NAME"
        or (column.title == "PROXY" and any(proxies not in ([], here) for _, proxies in groups.values()))
        or (column.title == "STATE" and not all(reference.exists for reference, _ in groups.values()))
    ]
    room = None if cells is None else cells - len(INDENT)
    shown_groups = list(groups.values())[:MOST_REFERENCES]
    for line in table(shown_groups, columns, cells=room, colour=colour, headers=False):
        yield INDENT + line
    if more := len(groups) - len(shown_groups):
        yield f"{INDENT}… and {more} more (-o json lists them)"
