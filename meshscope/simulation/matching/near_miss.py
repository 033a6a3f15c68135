"""What a loser was asked and what it had, read from its reason; which losers came nearest.

Reasons have one form where two values are compared: `SUBJECT is VALUE; KIND 'TEXT' was asked`, with `or` between several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from meshscope.simulation.trace import Rejected

OFF = "one letter off"
_FORM = r"(?P<subject>.+?) is (?P<had>'.*'|\".*\"|[^';]+); (?P<wanted>.+) was asked"
_QUOTED = r"(?P<kind>\w+) (?P<quote>['\"])(?P<text>.*?)(?P=quote)(?= or |$)"
_MOST_COMPARED = 200
"""A virtual host may have thousands of routes; of those that fail in least, so many are compared by their texts."""
_LEAST = 3
"""Of shorter texts any two are nearly alike."""


class Mismatch(Struct, frozen=True):
    """`had` and the texts in `wanted` are quoted, as in the reason."""

    subject: str
    had: str
    wanted: str

    @property
    def is_one_letter_off(self) -> bool:
        had = _bare(self.had)
        return any(_is_off(kind, had, text) for kind, text in self._wanted())

    @property
    def likeness(self) -> float:
        """From 0 to 1: how much of the text that was asked the value begins with."""
        had = _bare(self.had)
        shared = (_shared(had, text) / max(len(text), 1) for _, text in self._wanted())
        return max(shared, default=0.0)

    def _wanted(self) -> list[tuple[str, str]]:
        return [(found["kind"], found["text"]) for found in re.finditer(_QUOTED, self.wanted)]


def mismatch_in(because: str) -> Mismatch | None:
    """None where the reason has another form, or names several."""
    found = None if " · " in because else re.fullmatch(_FORM, because)
    return Mismatch(found["subject"], found["had"], found["wanted"]) if found else None


def ranked(losers: Iterable[Rejected]) -> tuple[Rejected, ...]:
    """The nearest first: one letter off, then those that fail in least, of those the ones whose text matched most."""
    found = sorted(losers, key=lambda loser: loser.near)
    return (*sorted(found[:_MOST_COMPARED], key=_distance), *found[_MOST_COMPARED:])


def _distance(loser: Rejected) -> tuple[bool, int, float]:
    mismatch = mismatch_in(loser.because)
    if mismatch is None:
        return True, loser.near, -1.0
    # where it is not the path that fails, the path matched
    likeness = mismatch.likeness if mismatch.subject == "path" else 1.0
    return not mismatch.is_one_letter_off, loser.near, -likeness


def one_letter_off(one: str, other: str) -> bool:
    """Whether one letter is missing, too many or another one, or two neighbours are exchanged."""
    if one == other or abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < _LEAST:
        return False
    start = _shared(one, other)
    one, other = one[start:], other[start:]
    if one[1:] == other or one == other[1:] or one[1:] == other[1:]:
        return True
    return one[:2] == other[1::-1] and one[2:] == other[2:]


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, yours) in pairs if mine != yours), min(len(one), len(other)))


def _is_off(kind: str, had: str, text: str) -> bool:
    lengths = range(len(text) - 1, len(text) + 2)
    if kind == "prefix":  # a request that goes on
        return any(one_letter_off(had[:length], text) for length in lengths if length <= len(had))
    if kind == "suffix":
        return any(one_letter_off(had[-length:], text) for length in lengths if 0 < length <= len(had))
    return kind in ("exact", "path") and one_letter_off(had, text)


def _bare(quoted: str) -> str:
    return quoted[1:-1] if quoted[:1] in ("'", '"') else quoted
