"""What a kind is: its words, its rows as data, its columns for people, and how to tell that evidence is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy


class Row(Struct, frozen=True, kw_only=True):
    """A row of `get … -o json`; field names are a public contract."""

    state: str | None = None
    owner: str | None = None
    location: Location | None = None


Cell = str | int | None | Sequence[str]
"""A sequence is shown as lines under one another."""


class Column(Struct, frozen=True):
    """A column of the table. `rank` 0 is always shown; a narrow terminal leaves out the highest ranks first; `wide` ones
    are shown by `-o wide` only."""

    title: str
    cell: Callable[[Any], Cell]
    rank: int = 0
    wide: bool = False


PROXY = Column("PROXY", lambda row: row.proxy)
STATE = Column("STATE", lambda row: row.state, wide=True)
"""Columns that many kinds share."""


def counter(title: str, field: str) -> Column:
    """A column for a live counter, which nobody may have told."""

    def cell(row: Row) -> Cell:
        count: int | None = getattr(row, field)
        return "-" if count is None else count

    return Column(title, cell, wide=True)


class Kind(Struct, frozen=True):
    """`rows` yields lazily, in the order of the evidence. `name` is the plural; the registry knows what else users type."""

    name: str
    filters: str
    """The fields of a Selection that its rows honour, between blanks."""
    singular: str
    row: type[Row]
    columns: tuple[Column, ...]
    rows: Callable[[Mesh, Selection], Iterable[Row]]
    of_proxies: bool = True
    resource: str = ""
    """The kind of Envoy resource behind it, whose absence is missing evidence."""
    has_evidence: Callable[[Proxy], bool] | None = None
    key: Callable[[Any], str] = lambda row: row.name
    """The name by which `describe` finds a row again; parts are divided by `/`."""
    also: Callable[[Any], tuple[str, ...]] = lambda _row: ()
    """Further names of a row."""
    node: Callable[[Any], tuple[str | int, ...]] | None = None
    """For a part of a resource: the key of its node in the graph, whose kind is `singular`."""

    def accept(self, selection: Selection) -> None:
        """Raises UsageError for a filter that would be ignored: an unfiltered list must not pass for a filtered one."""
        known = self.filters.split()
        for name in selection.given():
            if name not in (*known, "at"):
                option = "-l" if name == "labels" else f"--{name}"
                told = ", ".join("-l" if one == "labels" else f"--{one}" for one in known)
                raise UsageError(f"{option} does not apply to {self.name}; it takes {told}")

    def missing(self, mesh: Mesh, selection: Selection) -> tuple[str, ...]:
        """What was not captured, so that nothing listed does not mean nothing there."""
        if not self.of_proxies or not self.resource:
            return ()
        has = self.has_evidence or (lambda proxy: proxy.has_evidence(self.resource))
        chosen = selection.proxies(mesh)
        without = [proxy.name for proxy in chosen if not has(proxy)]
        noun = self.singular
        if not chosen:
            return ("no proxy in this input",)
        if len(without) == len(chosen):
            return (f"no {noun} evidence in this input",)
        return tuple(f"no {noun} evidence for {name}" for name in without)
