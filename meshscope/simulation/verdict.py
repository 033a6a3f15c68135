"""Three-valued answers: yes, no, or unknown with its reason. No function of this room guesses.

`and`, `or` and `not` are Kleene's: a no decides an `and`, a yes decides an `or`, whatever else is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct


class Truth(StrEnum):
    """A truth value of three-valued logic."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    """What decides it is not modelled, or not in the input."""


class Verdict(Struct, frozen=True):
    """`because` gives the reason in a few words of Envoy's documentation; it may be "" for a plain yes."""

    answer: Truth
    because: str = ""

    @property
    def is_yes(self) -> bool:
        return self.answer is Truth.YES

    @property
    def is_no(self) -> bool:
        return self.answer is Truth.NO

    @property
    def is_unknown(self) -> bool:
        return self.answer is Truth.UNKNOWN

    def __invert__(self) -> Verdict:
        return Verdict(_OPPOSITE[self.answer], self.because)


class Unknown(Struct, frozen=True):
    """In the place of a value that is unknown: not given, not captured, or not modelled."""

    because: str


_OPPOSITE = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}
YES = Verdict(Truth.YES)
NO = Verdict(Truth.NO)


def yes(because: str = "") -> Verdict:
    return Verdict(Truth.YES, because)


def no(because: str) -> Verdict:
    return Verdict(Truth.NO, because)


def unknown(because: str) -> Verdict:
    return Verdict(Truth.UNKNOWN, because)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The first no; else the first unknown; else yes. Verdicts after the first no are not evaluated."""
    doubt: Verdict | None = None
    for verdict in verdicts:
        if verdict.is_no:
            return verdict
        if verdict.is_unknown and doubt is None:
            doubt = verdict
    return doubt or YES


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The first yes; else the first unknown; else the last no (a plain no for nothing at all)."""
    doubt: Verdict | None = None
    last = NO
    for verdict in verdicts:
        if verdict.is_yes:
            return verdict
        if verdict.is_unknown and doubt is None:
            doubt = verdict
        last = verdict
    return doubt or last
