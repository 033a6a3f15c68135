"""Pieces of words that some matcher of a snapshot compares with: what begins, ends or is inside a word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import Struct

_KEYS = {"prefix": "prefixes", "suffix": "suffixes", "contains": "parts", "regex": "parts"}
_MATCHER = (
    r"[\"']?\b(prefix|suffix|contains|regex)(?:_?[mM]atch)?[\"']?\s*:\s*"
    r"(?:\"((?:[^\"\\\n]|\\.)*)\"|'([^'\n]*)'|([^\s\"'{\[,][^\n,}]*))"
)
_STARRED = re.compile(rb"(?<![A-Za-z0-9])([A-Za-z0-9]{1,64}+)\*|\*([A-Za-z0-9]{1,64}+)")
_RANGE = r"range_?[mM]atch"
_NAMING = r"\b(?:cluster|vhost|host_?[rR]ewrite)_?[hH]eader[\"']?\s*:\s*[\"']?([A-Za-z0-9_-]+)"
_SCOPE = r"\bheader_?[vV]alue_?[eE]xtractor[\"']?\s*:\s*\{?\s*[\"']?name[\"']?\s*:\s*[\"']?([A-Za-z0-9_-]+)"
_MOST = 20_000
_SHORTEST_IN_PATTERN = 3


class Pieces(Struct, frozen=True):
    """In lower case. `has_ranges`: some matcher compares numbers. Values of `naming` headers are clusters, hosts or scopes."""

    prefixes: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    has_ranges: bool = False
    naming: frozenset[str] = frozenset()


def pieces_of(bodies: Iterable[bytes]) -> Pieces:
    """One search over each text, whatever it is: a piece too many costs nothing."""
    found: dict[str, set[str]] = {"prefixes": set(), "suffixes": set(), "parts": set()}
    has_ranges = False
    naming: set[str] = set()
    for body in bodies:
        matcher, has_range, *headers = _compiled()
        naming.update(name.decode().lower() for header in headers for name in header.findall(body))
        has_ranges = has_ranges or bool(has_range.search(body))
        for how, *texts in matcher.findall(body):
            text = b"".join(texts).decode("utf-8", "replace")
            for piece in _pieces(how.decode(), text):
                found[_KEYS[how.decode()]].add(piece)
        for before, after in _STARRED.findall(body) if b"*" in body else ():
            found["prefixes" if before else "suffixes"].add((before or after).decode().lower())
    kept = {name: frozenset(sorted(words)[:_MOST]) for name, words in found.items()}
    both = kept["parts"]
    return Pieces(kept["prefixes"] | both, kept["suffixes"] | both, both, has_ranges, frozenset(naming))


def _pieces(how: str, text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", re.sub(r"\\+[A-Za-z]", " ", text).lower())
    if how == "regex":
        return [word for word in words if len(word) >= _SHORTEST_IN_PATTERN]
    if how == "prefix":
        return words[-1:] if text[-1:].isalnum() else []
    if how == "suffix":
        return words[:1] if text[:1].isalnum() else []
    return words if len(words) == 1 else [*words[:1], *words[-1:]]


@cache
def _compiled() -> tuple[Any, ...]:
    import re2  # type: ignore[import-untyped]  # no stubs; only redaction pays for it

    return tuple(re2.compile(one.encode()) for one in (_MATCHER, _RANGE, _NAMING, _SCOPE))
