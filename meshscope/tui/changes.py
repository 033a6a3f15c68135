"""What a renewal changed in a table: which rows are new or other than before, and how many are gone. No widget in it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from meshscope.listing.difference import difference
from meshscope.listing.rows import Rows
from meshscope.work import UNFOLLOWED, Work

CHANGED, NEW = "~", "+"
CURSOR, MARK = "▸", "•"


class Changes(Struct, frozen=True):
    """`glyphs` has NEW or CHANGED for each such row, by its id. `since` is the time of what it is compared with, `16:40:12`."""

    glyphs: Mapping[Hashable, str] = {}
    gone: int = 0
    since: str = ""

    def __bool__(self) -> bool:
        return bool(self.glyphs or self.gone)

    @property
    def text(self) -> str:
        """`2 changed · 1 new · 1 gone since 16:40:12`; "" where nothing changed."""
        glyphs = list(self.glyphs.values())
        counts = ((glyphs.count(CHANGED), "changed"), (glyphs.count(NEW), "new"), (self.gone, "gone"))
        said = " · ".join(f"{count:,} {word}" for count, word in counts if count)
        return f"{said} since {self.since}" if said else ""


NONE = Changes()


def lead(glyph: str, *, is_cursor: bool, is_marked: bool) -> str:
    """The two cells before a row: the cursor, the mark, and what a renewal did to it; at the cursor one of the latter."""
    mark = MARK if is_marked else ""
    first = CURSOR if is_cursor else (mark and glyph) or " "
    return first + (mark or glyph or " ")


def changes(before: Rows[Any], now: Rows[Any], columns: Sequence[int], since: str, work: Work = UNFOLLOWED) -> Changes:
    """`columns` are indices of those whose cells are compared. Raises CancelledError."""
    found = difference(before, now, [now.columns[index] for index in columns], work)
    glyphs: dict[Hashable, str] = {**dict.fromkeys(found.new_ids, NEW), **dict.fromkeys(found.changed_ids, CHANGED)}
    return Changes(glyphs, len(found.gone), since)


def new_and_gone(before: Iterable[Hashable], now: Iterable[Hashable], since: str) -> Changes:
    """The same of things that have no cells."""
    were, are = set(before), set(now)
    return Changes(dict.fromkeys(are - were, NEW), len(were - are), since)
