"""Stand-ins: a value that is compared somewhere is replaced by the same text wherever it stands.

Word by word, and what joins words stays, so that what compares equal, begins or ends with something, or contains it, still
does. Where a matcher compares with a piece of a word, the word's stand-in has the piece's in the same place. A stand-in has
letters alone. It comes from a hash under a random key, which is kept nowhere: no value can be found from its stand-in by trial.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from hashlib import blake2b

from meshscope.redaction.pieces import Pieces
from meshscope.snapshot.sensitive import REDACTED

MARK = "redacted"
"""How a stand-in begins, so that a reader knows it, and so that none gets another one."""
_CONSONANTS = "bcdfghjklmnpqrstvwxz"
_LENGTH = 8
WHOLE = re.compile(rf"\[redacted\] [{_CONSONANTS}]{{{_LENGTH}}}")
"""What stands for a text of which nothing is known."""
_DONE = rf"\[redacted\](?: [{_CONSONANTS}]{{{_LENGTH}}}(?![^\W_]))?"
_OPERATOR = r"%[A-Z][A-Z0-9_]{0,64}(?:\([^()\"'%]{0,256}\))?(?::[0-9]{1,6})?%"
FORMAT = re.compile(_OPERATOR)
CLASS = r"\[(?:\w-\w|\\\w|[^\]\w]|\w(?!\w\w)){0,64}+\]|\{[0-9,]{1,12}\}|\(\?[A-Za-z-]{1,8}[:)]"
"""A class, a count or a flag of a regular expression. What looks like a word is none."""
_TOKEN = re.compile(rf"{_DONE}|{_OPERATOR}|%[0-9A-Fa-f]{{2}}|(?P<word>[^\W_]++)")
_PATTERN_TOKEN = re.compile(rf"{_DONE}|{_OPERATOR}|\\[A-Za-z]|{CLASS}|(?P<word>[^\W_]{{2,}}+)")
_KEPT = frozenset({"true", "false", "bearer", "basic", "digest"})
"""Switches, and schemes of the authorization header."""
_COOKIE_TOKEN = re.compile(r"(?:(?<=;)|(?<=; )|\A)[\w.-]{1,64}+(?==)|" + _TOKEN.pattern)
_COOKIE_PATTERN_TOKEN = re.compile(r"(?:(?<=[;(|^*?])|(?<=; )|\A)[\w.-]{1,64}+(?==)|" + _PATTERN_TOKEN.pattern)
"""The name of a cookie is not its value."""
_LONGEST = 64
"""Characters of a word beyond which no piece of it is looked for."""


class StandIns:
    """`key` has 16 random bytes or more; `pieces` finds those of the whole snapshot, at the first
    stand-in that is needed."""

    def __init__(self, key: bytes, pieces: Callable[[], Pieces]) -> None:
        self._key = key
        self._find = pieces
        self._word = lru_cache(maxsize=65_536)(self._new)

    @cached_property
    def _pieces(self) -> Pieces:
        return self._find()

    def is_naming(self, header: str) -> bool:
        """Whether a header's value is the name of a cluster or a host."""
        return header.lower() in self._pieces.naming

    def text(self, text: str, *, is_cookie: bool = False) -> str:
        """A value, or what one is compared with. Command operators (`%REQ(x)%`) and names of cookies stay."""
        if self._pieces.has_ranges and text.isdigit():
            return text
        return (_COOKIE_TOKEN if is_cookie else _TOKEN).sub(self._token, text)

    def pattern(self, text: str, *, is_cookie: bool = False) -> str:
        """A regular expression: its literal words are replaced; classes, escapes and single letters stay."""
        return (_COOKIE_PATTERN_TOKEN if is_cookie else _PATTERN_TOKEN).sub(self._token, text)

    def whole(self, text: str) -> str:
        """For a text that nothing is known of: `[redacted]` and letters, equal for equal texts."""
        return f"{REDACTED} {self._letters(text)}"

    def _token(self, match: re.Match[str]) -> str:
        return self._word(match["word"]) if match["word"] else match[0]

    def _new(self, word: str) -> str:
        if word.lower().startswith(MARK) or word.lower() in _KEPT:
            return word
        base = word.lower() if word.islower() or word.isupper() or word.istitle() else word
        new = self._of(base)
        return new.upper() if word.isupper() and len(word) > 1 else new.capitalize() if word.istitle() else new

    def _of(self, word: str) -> str:
        if word in _KEPT:
            return word
        letters = self._letters(word)
        if len(word) > _LONGEST:
            return MARK + letters
        sizes = range(len(word) - 1, 0, -1)
        prefix = next((word[:size] for size in sizes if word[:size] in self._pieces.prefixes), "")
        rest = len(word) - len(prefix)
        suffix = next((word[-size:] for size in sizes if size <= rest and word[-size:] in self._pieces.suffixes), "")
        if prefix or suffix:
            if word[len(prefix) : len(word) - len(suffix)].isdecimal():
                letters = str(int.from_bytes(letters.encode()) % 10**_LENGTH)
            return (self._of(prefix) if prefix else MARK) + letters + (self._of(suffix) if suffix else "")
        part = self._contained(word)
        return MARK + letters + (self._of(part) + letters if part else "")

    def _contained(self, word: str) -> str:
        if not self._pieces.parts:
            return ""
        sizes = range(len(word) - 1, 0, -1)
        found = (word[at : at + size] for size in sizes for at in range(len(word) - size + 1))
        return next((piece for piece in found if piece in self._pieces.parts), "")

    def _letters(self, word: str) -> str:
        number = int.from_bytes(blake2b(word.encode("utf-8", "replace"), key=self._key[:64], digest_size=16).digest())
        letters = ""
        for _ in range(_LENGTH):
            number, index = divmod(number, len(_CONSONANTS))
            letters += _CONSONANTS[index]
        return letters
