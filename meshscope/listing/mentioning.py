"""What refers to something, an object a row: its mentions in all proxies and fields together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from meshscope.listing.column import Column
from meshscope.listing.mention import Mention


class Mentioning(Struct, frozen=True):
    """`proxies` and `fields` are those of its mentions, in their order; an object of manifests has no proxies."""

    kind: str
    name: str
    proxies: tuple[str, ...]
    fields: tuple[str, ...]


def by_object(mentions: Iterable[Mention]) -> tuple[Mentioning, ...]:
    """A row for each kind and name, in the order of the first mentions."""
    found: dict[tuple[str, str], tuple[dict[str, None], dict[str, None]]] = {}
    for one in mentions:
        proxies, fields = found.setdefault((one.kind, one.name), ({}, {}))
        if one.proxy:
            proxies[one.proxy] = None
        fields[one.field] = None
    return tuple(
        Mentioning(kind, name, tuple(proxies), tuple(fields)) for (kind, name), (proxies, fields) in found.items()
    )


def _counted(texts: Sequence[str], many: str) -> str:
    return f"{len(texts)} {many}" if len(texts) > 1 else next(iter(texts), "-")


COLUMNS: tuple[Column[Mentioning], ...] = (
    Column("KIND", lambda row: row.kind),
    Column("NAME", lambda row: row.name.removeprefix(f"{row.kind} ") or "-"),
    Column("PROXY", lambda row: _counted(row.proxies, "proxies")),
    Column("FIELD", lambda row: _counted(row.fields, "fields"), rank=1),
)
