"""A mention: one place that refers to something, with its columns and its id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.listing.column import Column
from meshscope.listing.row_id import RowId, row_ids
from meshscope.location import Location


class Mention(Struct, frozen=True):
    """`field` is the path inside the resource or object, `proxy` null for objects of manifests."""

    proxy: str | None
    kind: str
    name: str
    field: str
    value: str
    location: Location


COLUMNS: tuple[Column[Mention], ...] = (
    Column("PROXY", lambda mention: mention.proxy or "-"),
    Column("KIND", lambda mention: mention.kind),
    Column("NAME", lambda mention: mention.name.removeprefix(f"{mention.kind} ") or "-"),
    Column("FIELD", lambda mention: mention.field),
    Column("VALUE", lambda mention: mention.value, wide=True),
)


def mention_ids(mentions: Iterable[Mention]) -> Iterator[RowId]:
    """An id for each mention, in order."""
    return row_ids((one.proxy or "", one.kind, f"{one.name}/{one.field}") for one in mentions)
