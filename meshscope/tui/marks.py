"""Bookmarks of the browser: a letter for a place to come back to. No widget in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct
from textual.message import Message

from meshscope.listing.column import Column
from meshscope.listing.row import Row
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows


class Place(Struct, frozen=True):
    """A screen with what it shows, by names that last: `message` makes what opens it again."""

    title: str
    message: Callable[[], Message]


class MarkRow(Row, frozen=True, kw_only=True):
    letter: str
    title: str


COLUMNS: tuple[Column[MarkRow], ...] = (
    Column("MARK", lambda row: row.letter),
    Column("PLACE", lambda row: row.title),
)


def is_mark(key: str | None) -> bool:
    """Whether a character names a mark."""
    return key is not None and len(key) == 1 and key.isascii() and key.isalnum()


def rows(marks: Mapping[str, Place]) -> Rows[MarkRow]:
    found = tuple(MarkRow(letter=letter, title=marks[letter].title) for letter in sorted(marks))
    return Rows(found, row_ids(("", "marks", row.letter) for row in found), COLUMNS)


def kept(marks: Mapping[str, Place], *, is_same_source: bool) -> dict[str, Place]:
    """What is left when the mesh is another one: capitals, which mean the same place in any source."""
    return {letter: place for letter, place in marks.items() if is_same_source or letter.isupper()}
