"""Matching a text of which parts are unknown: yes or no where every way to fill its gaps agrees, else unknown.

The text is `x-forwarded-client-cert` as Envoy writes it: a GAP after `Hash=` is 64 hexadecimal digits, one after `Cert=` or
`Chain=` is URL-encoded, any other may be any text, even none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from meshscope.simulation.connection import Envoy
from meshscope.simulation.headers.inline import GAP
from meshscope.simulation.matching.string import ascii_lower, regex_matches, string_matches
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.matcher import RegexMatcher, StringMatcher

_HEX = frozenset("0123456789abcdef")
_ENCODED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%+/=")
_ANY = "\x01"
"""Stands for a gap in front of a regex; no header holds it."""


class _Cell(Struct, frozen=True):
    """One character of a text, or any number of them; `chars` None: any."""

    chars: frozenset[str] | None
    repeats: bool = False

    def takes(self, char: str) -> bool:
        return self.chars is None or char in self.chars


def partial_matches(matcher: StringMatcher, text: str, envoy: Envoy) -> Verdict:
    """`text` has at least one GAP, and more than that."""
    if matcher.unread:
        return unknown(matcher.doubt)
    if matcher.safe_regex is not None:
        return _regex(matcher.safe_regex, text, envoy)
    fold = ascii_lower if matcher.ignore_case else str
    folded = fold(text)
    parts = folded.split(GAP)
    if matcher.exact is not None:
        holds, needle, ends = False, matcher.exact, (True, True)
    elif matcher.prefix is not None:
        holds, needle, ends = parts[0].startswith(fold(matcher.prefix)), matcher.prefix, (True, False)
    elif matcher.suffix is not None:
        holds, needle, ends = parts[-1].endswith(fold(matcher.suffix)), matcher.suffix, (False, True)
    elif matcher.contains is not None:
        holds = any(fold(matcher.contains) in part for part in parts)
        needle, ends = matcher.contains, (False, False)
    else:
        return string_matches(matcher, text, envoy)
    if holds:
        return YES
    return _unknown(text) if _may_have(folded, fold(needle), *ends) else NO


def _regex(matcher: RegexMatcher, text: str, envoy: Envoy) -> Verdict:
    """Yes where only a `.*` meets the gaps; no where a text that every match has cannot be there."""
    refused = regex_matches(matcher, "", envoy)
    if refused.is_unknown:
        return refused
    strict = only_wildcards_take_gaps(matcher.regex)
    if strict is not None and regex_matches(RegexMatcher(regex=strict), text.replace(GAP, _ANY), envoy).is_yes:
        return YES
    if any(not _may_have(text, literal, at_start=False, at_end=False) for literal in required_literals(matcher.regex)):
        return NO
    return _unknown(text)


def _unknown(text: str) -> Verdict:
    return unknown(f"what {GAP} stands for in {text!r} is not known")


def _kind(text: str, at: int) -> str:
    if text.endswith("Hash=", 0, at) or text.endswith("hash=", 0, at):
        return "hex"
    return "encoded" if text[:at].lower().endswith(('cert="', 'chain="')) else "any"


@lru_cache(maxsize=1024)
def _cells(text: str) -> tuple[_Cell, ...]:
    cells: list[_Cell] = []
    for at, char in enumerate(text):
        kind = _kind(text, at) if char == GAP else ""
        if kind == "hex":
            cells.extend([_Cell(_HEX)] * 64)
        elif kind:
            cells.append(_Cell(_ENCODED if kind == "encoded" else None, repeats=True))
        else:
            cells.append(_Cell(frozenset(char)))
    return tuple(cells)


def _may_have(text: str, needle: str, at_start: bool, at_end: bool) -> bool:
    """Whether some filling has the needle: anywhere, at the start, at the end, or as the whole."""
    cells = _cells(text)
    places = _skipping(cells, {0} if at_start else set(range(len(cells) + 1)))
    for char in needle:
        taken = {at for at in places if at < len(cells) and cells[at].takes(char)}
        places = _skipping(cells, {at if cells[at].repeats else at + 1 for at in taken})
    return len(cells) in places if at_end else bool(places)


def _skipping(cells: tuple[_Cell, ...], places: set[int]) -> set[int]:
    """The same with every place that is reached by leaving out what may be empty."""
    found = set(places)
    for at in places:
        following = at
        while following < len(cells) and cells[following].repeats:
            following += 1
            found.add(following)
    return found


_TOKEN = re.compile(
    r"\\[pP](?:\{[^}]*\}|.)|\\x(?:\{[^}]*\}|..)|\\[0-7]{1,3}|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\{[0-9,]*\}|.",
    re.DOTALL,
)


_OPAQUE = r"\(\?[^:]|\\Q"


@lru_cache(maxsize=1024)
def only_wildcards_take_gaps(regex: str) -> str | None:
    """The regex for a text whose gaps are _ANY, which nothing but a `.*` outside of every group takes: what then matches,
    matches whatever fills the gaps. None where a part might take _ANY unseen.
    """
    if re.search(_OPAQUE, regex):
        return None
    parts = _TOKEN.findall(regex)
    made: list[str] = []
    depth = 0
    for part, following in zip(parts, (*parts[1:], ""), strict=True):
        if part == ".":
            made.append(part if depth == 0 and following == "*" else f"[^{_ANY}\n]")
        elif part[0] == "[" and len(part) > 1:
            if "\\" in part or "[:" in part or min(part) < " ":
                return None
            made.append(f"{part[:-1]}{_ANY}]" if part[1] == "^" else part)
        elif part[0] == "\\" and part[1:2].isalnum() and part not in (r"\d", r"\w", r"\s"):
            return None
        else:
            made.append(part)
        depth += {"(": 1, ")": -1}.get(part, 0)
    return "".join(made)


@lru_cache(maxsize=1024)
def required_literals(regex: str) -> tuple[str, ...]:
    """Texts that every match of an RE2 regex has; none where that is not plain to see (alternatives, flags, quotes)."""
    if re.search(_OPAQUE, regex):
        return ()
    found: list[str] = []
    run, depth = "", 0
    for part in (*_TOKEN.findall(regex), "."):
        if depth == 0 and part == "|":
            return ()
        is_escaped = len(part) == 2 and part[0] == "\\" and not part[1].isalnum()
        if depth == 0 and (is_escaped or (len(part) == 1 and part not in ".^$*+?()[]{}|\\")):
            run += part[-1]
            continue
        if part in ("*", "?") or part[0] == "{":
            run = run[:-1]  # what is repeated may be left out
        found.append(run)
        run = ""
        depth += {"(": 1, ")": -1}.get(part, 0)
    return tuple(filter(None, found))
