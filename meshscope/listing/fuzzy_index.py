"""Which cells of a column have the characters of a text in their order: asked at each key press, among 100,000 rows.

Each different cell is looked at once: there are far fewer of them than rows. A text that another one begins with was asked
a key ago, so that only what passed then is looked at; a cell without one of the new characters needs no look at their order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import compress

_KEPT = 8
"""Texts whose answers are kept."""
_FEW = 256
"""Different cells that a byte tells apart."""


class FuzzyIndex:
    """Of cells as `\\nLINE\\nLINE\\n…`, case folded. Threads may share it."""

    def __init__(self, texts: Sequence[str]) -> None:
        places: dict[str, int] = {}
        runs: list[tuple[int, int]] = []  # a different cell, and how many rows have it one after another
        before, length = -1, 0
        for text in texts:
            place = places.setdefault(text, len(places))
            if place == before:
                length += 1
                continue
            if length:
                runs.append((before, length))
            before, length = place, 1
        self._rows = len(texts)
        self._runs = (*runs, (before, length)) if length else ()
        self._different = tuple(places)
        self._codes = bytes(map(places.__getitem__, texts)) if len(places) <= _FEW else b""
        self._known: dict[str, bytes] = {}

    def rows(self, text: str) -> bytes | None:
        """A byte for each row, 1 where a line of its cell has the characters in their order, case ignored; None for no row."""
        passing = self._passing(text.casefold())
        if not any(passing):
            return None
        if all(passing):
            return b"\1" * self._rows
        if self._codes:
            return self._codes.translate(passing.ljust(_FEW, b"\0"))
        marks = {length: (bytes(length), b"\1" * length) for length in {length for _, length in self._runs}}
        return b"".join([marks[length][passing[place]] for place, length in self._runs])

    def _passing(self, wanted: str) -> bytes:
        """A byte for each different cell."""
        known = self._known
        if (found := known.get(wanted)) is None:
            beginning = max((text for text in known if wanted.startswith(text)), key=len, default="")
            found = self._among(wanted, beginning, known.get(beginning))
            self._known = {
                **dict([*known.items()][1 - _KEPT :]),
                wanted: found,
            }  # another thread reads the whole one before
        return found

    def _among(self, wanted: str, beginning: str, before: bytes | None) -> bytes:
        texts, places = self._different, list(range(len(self._different)))
        if before is not None:
            places = list(compress(places, before))
        for character in set(wanted) - set(beginning):
            places = [place for place in places if character in texts[place]]
        if "\n" in wanted:
            places = []
        elif len(wanted) > 1:
            search = re.compile("\n" + "".join(map(_up_to, wanted))).search
            places = [place for place in places if search(texts[place])]
        if len(places) == len(texts):
            return b"\1" * len(texts)
        found = bytearray(len(texts))
        for place in places:
            found[place] = 1
        return bytes(found)


def _up_to(character: str) -> str:
    """A pattern for the line up to a character. It never goes back: the first such character is as good as any other."""
    literal = re.escape(character)
    return f"[^{literal}\n]*+{literal}"
