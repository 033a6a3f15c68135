"""The values that rows have where a filter compares them, and the nearest ones where none has the value that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import GLOB, Selection
from meshscope.mesh.mesh import Mesh
from meshscope.nearest import nearest_host

_FIELDS = {
    "name": ("name", "host"),
    "fqdn": ("fqdn", "host", "domains", "cluster"),
    "cluster": ("cluster", "clusters"),
    "address": ("address",),
    "subset": ("subset",),
    "type": ("type", "destinations"),
    "status": ("status", "health"),
}
"""A filter -> the fields of rows in which its value is looked for; a kind has some of them."""
_NAMES = {"routes": ("route_config",), "endpoints": ("cluster",), "filterchains": ("name", "listener")}
"""Kinds that `--name` asks for something else than the names of their rows."""
_UPPER = ("type", "status")


def near_values(mesh: Mesh, kind: Kind[Any], selection: Selection) -> str:
    """`; did you mean reviews.default.svc.cluster.local?`, "" where each filter's value is known or is a glob.

    Only the chosen proxies' rows count. Raises UsageError for an unknown proxy.
    """
    asked = [(field, text) for field, text in selection.filters() if field in _FIELDS and not GLOB.search(text)]
    if not asked:
        return ""
    without = replace(selection, **dict.fromkeys((field for field, _ in asked), ""), port=None, with_counters=False)
    rows = list(kind.rows(mesh, without))
    for field, text in asked:
        known = _known(kind, rows, field)
        if known and text.casefold() not in map(str.casefold, known):
            return nearest_host(text.upper() if field in _UPPER else text, list(known))
    return ""


def known_values(mesh: Mesh, kind: Kind[Any], field: str) -> Iterable[str]:
    """All values of a filter's field, without any other filter."""
    return _known(kind, kind.rows(mesh, Selection(with_counters=False)), field) if field in _FIELDS else ()


def _known(kind: Kind[Any], rows: Iterable[Row], field: str) -> dict[str, None]:
    return dict.fromkeys(value for row in rows for value in _values(kind, row, field) if value)


def _values(kind: Kind[Any], row: Row, field: str) -> Iterator[str]:
    for name in _NAMES.get(kind.name, _FIELDS["name"]) if field == "name" else _FIELDS[field]:
        value = getattr(row, name, None)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                yield _value(field, text)


def _value(field: str, text: str) -> str:
    """As the filter compares it: a host without its port, a listener's `Route: 9080` as its type."""
    if field == "fqdn":
        return text.rpartition("|")[2].partition(":")[0]
    return text.partition(":")[0].upper() if field == "type" else text
