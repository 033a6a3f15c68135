"""What is said of a plugin's filter in a proxy: in how many connection managers it is and would be, and what changes in it."""

from __future__ import annotations

from typing import Any

from meshscope.effect.answer import Difference
from meshscope.envoy.resource import ECDS
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.extensions.bodies import said
from meshscope.overlay.extensions.plugins import Plugin

_LONGEST = 80


class Places:
    """Of one plugin: the connection managers that have its filter, on both sides."""

    def __init__(self) -> None:
        self.was: Plugin | None = None
        self.would: Plugin | None = None
        self.today: list[str] = []
        self.then: list[str] = []
        self.differences: dict[Difference, None] = {}

    def add(self, was: Plugin | None, would: Plugin | None, listener: str, today: list[Json], then: list[Json]) -> None:
        """One connection manager, with its filters on both sides."""
        self.was, self.would = was or self.was, would or self.would
        if was:
            self.today.append(listener)
        if would:
            self.then.append(listener)
        if was and would:
            for each in _differences(was, today, would, then):
                self.differences[each] = None


def change_of(draft: Draft, name: str, places: Places) -> Change | None:
    """None where the proxy has the same on both sides."""
    was, would = places.was, places.would
    one = would or was
    if one is None:
        return None
    module = _module_differences(draft, one)
    differences = (*places.differences, *module)
    words = _words(places.today), _words(places.then)
    if places.today == places.then and not differences:
        return None
    kind = Kind.MADE if not places.today else Kind.VANISHES if not places.then else Kind.CHANGED
    if kind is Kind.CHANGED and words[0] != words[1]:
        differences = (Difference("filters", words[1], words[0]), *differences)
    return Change(
        proxy=draft.client.name,
        what="filter",
        name=one.name,
        change=kind,
        object=name,
        before=words[0] or None,
        after=words[1] or None,
        differences=differences if kind is Kind.CHANGED else (),
        location=one.owner.item.location,
    )


def _words(listeners: list[str]) -> str:
    if not listeners:
        return ""
    names = sorted(set(listeners))
    more = f" and {len(names) - 2} more" if len(names) > 3 else ""
    chains = "1 HTTP filter chain" if len(listeners) == 1 else f"{len(listeners)} HTTP filter chains"
    return f"in {chains} of {', '.join(names[:2] if more else names)}{more}"


def _differences(was: Plugin, today: list[Json], would: Plugin, then: list[Json]) -> list[Difference]:
    found = []
    places = tuple(_behind(filters, one.asked.names) for filters, one in ((today, was), (then, would)))
    if places[0] != places[1]:
        found.append(Difference("filter order", f"before {places[1]}", f"before {places[0]}"))
    code = was.asked.lua, would.asked.lua
    if code[0] != code[1]:
        found.append(Difference("default_source_code", _short(code[1]), _short(code[0])))
    return found


def _behind(filters: list[Json], names: tuple[str, ...]) -> str:
    """The filter that comes next."""
    at = next((number for number, one in enumerate(filters) if one.get("name") in names), None)
    if at is None or at + 1 == len(filters):
        return "the end"
    return str(filters[at + 1].get("name", ""))


def _module_differences(draft: Draft, one: Plugin) -> list[Difference]:
    name = next((each for each in one.asked.names if draft.body(ECDS, each) is not None), "")
    was = Draft(draft.client).body(ECDS, name) if name else None
    if was is None:
        return []
    old, new = said(was), said(draft.body(ECDS, name))
    return [Difference(field, _short(new[field]), _short(old[field])) for field in new if new[field] != old[field]]


def _short(value: Any) -> str:
    line = " ".join(str(value).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
