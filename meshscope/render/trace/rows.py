"""Words in rows of a width. A row breaks between spans, or between words where a span is longer than a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.render import text as texts

GAP = 2
"""Cells between spans; within a span, and before one that is joined, there is one."""


_ONE_CELL = str.maketrans(dict.fromkeys(map(chr, texts.ASCII), "-"))


def width(text: str) -> int:
    """Cells of a text; our own glyphs have one each, which spares the tables of all others for most texts."""
    return texts.width(text if text.isascii() else text.translate(_ONE_CELL))


class Word(Struct, frozen=True):
    """`gap` cells are before it, unless it is the first of its row."""

    text: str
    style: str = ""
    gap: int = 1


Row = list[Word]


def cells(row: Sequence[Word]) -> int:
    return sum(width(word.text) + (word.gap if number else 0) for number, word in enumerate(row))


def rows_of(units: Sequence[Row], room: int | None) -> list[Row]:
    """Units in rows; `room` None puts all into one. Always at least one row, which may be empty."""
    rows: list[Row] = [[]]
    for unit in units:
        if room is None or cells([*rows[-1], *unit]) <= room:
            rows[-1] += unit
        elif cells(unit) <= room:
            rows.append(list(unit))
        else:
            for word in unit:
                for piece in _pieces(word, room):
                    if cells([*rows[-1], piece]) <= room:
                        rows[-1].append(piece)
                    else:
                        rows.append([piece])
    return rows[1:] if len(rows) > 1 and not rows[0] else rows


def _pieces(word: Word, room: int) -> Iterator[Word]:
    """A span's words; one that no row has room for is broken where the row ends."""
    for number, text in enumerate(word.text.split(" ")):
        gap, rest = word.gap if number == 0 else 1, text
        while width(rest) > room:
            head = _head(rest, room)
            yield Word(head, word.style, gap)
            rest, gap = rest[len(head) :], 0
        yield Word(rest, word.style, gap)


def _head(text: str, room: int) -> str:
    """The first characters that fit, at least one; up to the last mark in their second half that parts a name."""
    end = min(len(text), room)
    while end > 1 and width(text[:end]) > room:
        end -= 1
    mark = max(text.rfind(mark, end // 2, end) for mark in "/.|[,")
    return text[: mark + 1] if mark > 0 else text[:end]
