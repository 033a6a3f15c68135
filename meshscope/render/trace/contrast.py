"""What a request has and what was wanted, one under the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from meshscope.render.trace.line import Line, Meaning, Position, Span
from meshscope.simulation.matching.near_miss import OFF, mismatch_in, one_letter_off
from meshscope.simulation.trace import Rejected

NEITHER = "there is none"
STRICT = "mutual TLS only (STRICT)"
_CHAIN = rf"asks for (?P<wanted>[^;]+); (?P<had>.+?)(?:: (?P<strict>{re.escape(STRICT)}))?"
_NAMES = r"the \w+ asks for a certificate with name (?P<wanted>.+); the (?P<shows>\w+)'s has (?P<had>.+)"
_HOST = rf"(?P<wanted>\S+) is {OFF} (?P<had>\S+)"
_EXCLUDED = r"(?P<had>[^;]+) holds; the opposite was asked"
_KIND = r"(?P<kind>\w+) (?P<rest>['\"].*)"


class Contrast(Struct, frozen=True):
    """`subject` is of what both are, `kind` how they are compared; "" where the words say it themselves."""

    subject: str
    had: str
    kind: str
    wanted: str
    is_off: bool = False
    is_strict: bool = False

    def lines(self, key: tuple[str, ...], depth: int, position: Position, wanter: Rejected | None) -> Iterator[Line]:
        """`wanter` is the candidate that wants it."""
        cells = max(len(self.subject), len(self.kind))
        had = _pair(self.subject, self.had, cells, position)
        wanted = _pair(self.kind, self.wanted, cells, position)
        off = (Span(f"← {OFF}", Meaning.REASON),) if self.is_off else ()
        who = (Span(wanter.name, Meaning.VALUE, location=wanter.location),) if wanter else ()
        yield Line((*key, "has"), had, depth, "has")
        yield Line((*key, "wants"), (*wanted, *off, *who), depth, "wants")


def contrast_in(because: str) -> Contrast | None:
    """None where a reason does not compare two things."""
    if mismatch := mismatch_in(because):
        kind = re.fullmatch(_KIND, mismatch.wanted)
        wanted = kind["rest"] if kind else mismatch.wanted
        had = "none" if mismatch.had == "absent" else mismatch.had
        return Contrast(mismatch.subject, had, kind["kind"] if kind else "", wanted, mismatch.is_one_letter_off)
    if chain := re.fullmatch(_CHAIN, because):
        strict = bool(chain["strict"])
        return Contrast("", chain["had"], "", STRICT if strict else chain["wanted"], is_strict=strict)
    if names := re.fullmatch(_NAMES, because):
        had, wanted = names["had"], names["wanted"].removeprefix("=")
        return Contrast(
            f"the {names['shows']}'s certificate for", had, "a certificate for", wanted, one_letter_off(had, wanted)
        )
    if excluded := re.fullmatch(_EXCLUDED, because):
        return Contrast("", excluded["had"], "", "anything but that")
    if host := re.fullmatch(_HOST, because):
        return Contrast("host", host["had"], "host", host["wanted"], is_off=True)
    return None


def needs(loser: Rejected, but: Contrast | None = None) -> str:
    """Why a candidate lost, in few words; what `but` has said already of the request is left out."""
    mismatch = mismatch_in(loser.because)
    if mismatch is None:
        return loser.because
    off = f"  ← {OFF}" if mismatch.is_one_letter_off else ""
    if but and (mismatch.subject, mismatch.had) == (but.subject, but.had):
        return mismatch.wanted + off
    had = NEITHER if mismatch.had == "absent" else f"it is {mismatch.had}"
    return f"needs {mismatch.subject} {mismatch.wanted}; {had}{off}"


def _pair(name: str, text: str, cells: int, position: Position) -> tuple[Span, ...]:
    value = Span(text, Meaning.REASON, joined=bool(cells), position=position)
    return (Span(name.ljust(cells), Meaning.LABEL), value) if cells else (value,)
