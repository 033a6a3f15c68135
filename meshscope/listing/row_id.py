"""The identity of a row: it stays the same when the sources are read again, so that a cursor or a mark survives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct


class RowId(Struct, frozen=True, order=True):
    """`proxy` is "" for what belongs to no proxy. `kind` is the kind's name (`routes`), `name` is unique among its rows.

    Where it is not (a cluster in effect and its warming successor, two inline route tables without a name), `index`
    counts the rows of that name from 0.
    """

    proxy: str
    kind: str
    name: str
    index: int = 0


def row_ids(names: Iterable[tuple[str, str, str]]) -> Iterator[RowId]:
    """An id for each (proxy, kind, name), in order. No two are equal."""
    counts: dict[tuple[str, str, str], int] = {}
    for name in names:
        index = counts.get(name, 0)
        counts[name] = index + 1
        yield RowId(*name, index)
