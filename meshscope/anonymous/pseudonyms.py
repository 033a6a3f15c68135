"""One name for another: the same word always gets the same pseudonym, and what joins words stays.

Laws, which keep a trace as it was: equal texts stay equal and different ones different; a text that begins or ends with
another one at a word's edge still does; where a matcher compares with a piece of a word, the word's pseudonym has the
piece's in the same place. Pseudonyms are DNS labels if the names were.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b

from meshscope.anonymous.addresses import Addresses
from meshscope.anonymous.kept_words import FIELDS, KEPT_TEXT
from meshscope.anonymous.vocabulary import RANDOM, Vocabulary, is_own

_TOKEN = re.compile(
    r"(?P<v4>(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d))(?P<bits>/\d{1,2}(?![\w./]))?"
    r"|(?P<v6>(?<![\w.:])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|\d{1,3}(?:\.\d{1,3}){3})(?![\w:.])(?:/\d{1,3}(?![\w./]))?)"
    r"|(?P<dashed>(?<!\d)(?<!\d-)\d{1,3}(?:-\d{1,3}){3}(?!\d|-\d))"
    r"|(?P<escape>\\[a-zA-Z]|%[0-9A-Fa-f]{2})"
    r"|(?P<word>[A-Za-z0-9]*[A-Za-z](?=\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d))|[A-Za-z0-9]+)"
)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[a-z]+[A-Z]\w*|[A-Z]\w*")
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' own for what it appends to names: no vowels, no words."""


_CONSONANTS = _ALPHABET[:20]
_PLAIN = frozenset({"path", "val"})
"""Sorts whose pseudonyms are letters alone, as regular expressions (`/[a-z]+`) ask for them."""


class Pseudonyms:
    """The names of one vocabulary under one key."""

    def __init__(self, vocabulary: Vocabulary, key: bytes) -> None:
        self._key = key
        self._addresses = Addresses(key)
        self._prefixes = frozenset(map(_base, vocabulary.prefixes | vocabulary.parts))
        self._suffixes = frozenset(map(_base, vocabulary.suffixes | vocabulary.parts))
        self._parts = frozenset(map(_base, vocabulary.parts))
        self._sorts: dict[str, str] = {}
        for word, sort in vocabulary.words.items():
            self._sorts.setdefault(_base(word), sort)
        self._bases: dict[str, str] = {}
        self._taken = {word.lower() for word in vocabulary.words}
        for word in sorted(self._sorts, key=lambda one: (len(one), one)):
            self._bases[word] = self._new(word)
        self._words = self._bases | {word: _cased(self._bases[_base(word)], word) for word in vocabulary.words}
        self.text = lru_cache(maxsize=200_000)(self._text)

    @property
    def words(self) -> dict[str, str]:
        """Every word that is replaced, and what stands for it."""
        return dict(self._words)

    def key(self, key: str) -> str:
        """A key of a JSON map: a field's name stays, a name is replaced."""
        return key if key in FIELDS or _FIELD.fullmatch(key) else self.text(key)

    def _text(self, text: str) -> str:
        """Every address and every word of the vocabulary in a text replaced."""
        return text if KEPT_TEXT.fullmatch(text) else _TOKEN.sub(self._token, text)

    def asked(self, text: str) -> str:
        """The same for a text of a request, whose words the mesh may not know: in another case, or with a piece in them that a
        matcher looks for."""
        return _TOKEN.sub(self._asked, text)

    def _asked(self, found: re.Match[str]) -> str:
        word = found[0]
        if not found["word"] or word in self._words or not is_own(word):
            return self._token(found)
        base = _base(word)
        if base in self._bases:
            return _cased(self._bases[base], word)
        if piece := _longest(one for one in self._prefixes if base.startswith(one)):
            return self._of(piece) + word[len(piece) :]
        if piece := _longest(one for one in self._suffixes if base.endswith(one)):
            return word[: -len(piece)] + self._of(piece)
        return word

    def _token(self, found: re.Match[str]) -> str:
        text = found[0]
        if found["word"]:
            return self._word(text)
        if found["escape"]:
            return text
        if found["dashed"]:
            new = self._addresses.replaced(text.replace("-", "."))
            return new.replace(".", "-") if new else text
        bits = found["bits"] or ""
        if bits and not _is_alone(found):
            return (self._addresses.replaced(found["v4"]) or found["v4"]) + bits
        return self._addresses.replaced(text) or text

    def _word(self, word: str) -> str:
        """A capital of its own is a style of writing; capitals alone are a constant, unless somebody uses them as a name."""
        new = self._words.get(word)
        if new is None and word[0].isupper() and not word.isupper() and (base := self._bases.get(word.lower())):
            new = _cased(base, word)
        return new or word

    # --- making them ----------------------------------------------------------------------------------------------

    def _new(self, word: str) -> str:
        """Shorter words are made first, so that the pieces of a longer one are known."""
        if piece := _longest(one for one in self._prefixes if word.startswith(one) and one != word):
            return self._free(lambda number: self._of(piece) + self._hash(word, number))
        if piece := _longest(one for one in self._suffixes if word.endswith(one) and one != word):
            return self._free(lambda number: "n" + self._hash(word, number) + self._of(piece))
        if piece := _longest(one for one in self._parts if one in word and one != word):
            return self._free(lambda number: f"n{self._hash(word, number)}{self._of(piece)}{self._hash(word, number)}")
        sort = self._sorts[word]
        if sort == RANDOM:
            return self._free(lambda number: self._letters(word, number, len(word), _ALPHABET))
        if sort in _PLAIN:
            return self._free(lambda number: sort + self._letters(word, number, 4, _CONSONANTS))
        return self._free(lambda number: f"{sort}-{self._hash(word, number)}")

    def _of(self, piece: str) -> str:
        return self._bases.get(piece, piece)

    def _free(self, made: Callable[[int], str]) -> str:
        """The first that nobody has, so that different words stay different."""
        number = 0
        while (new := made(number)).lower() in self._taken:
            number += 1
        self._taken.add(new.lower())
        return new

    def _hash(self, word: str, number: int) -> str:
        """Four hexadecimal digits; more where many words have met the same."""
        return self._digest(word, number).hex()[: 4 + number // 8]

    def _letters(self, word: str, number: int, length: int, alphabet: str) -> str:
        digest = int.from_bytes(self._digest(word, number), "big")
        letters = ""
        for _ in range(length):
            digest, index = divmod(digest, len(alphabet))
            letters += alphabet[index]
        return letters

    def _digest(self, word: str, number: int) -> bytes:
        return blake2b(f"{number}/{word}".encode(), key=self._key[:64], digest_size=64).digest()


def _base(word: str) -> str:
    """The word in small letters, so that spellings which matchers may hold for equal stay so; mixed ones stand alone."""
    return word.lower() if word.isupper() or word[1:].islower() else word


def _cased(new: str, word: str) -> str:
    if word.islower() or not word[0].isalpha():
        return new
    if word.isupper():
        return new.upper()
    return new[0].upper() + new[1:] if word[0].isupper() and word[1:].islower() else new


def _longest(pieces: Iterable[str]) -> str:
    return max(pieces, key=len, default="")


def _is_alone(found: re.Match[str]) -> bool:
    """`10.0.0.0/8` is a range where it stands alone or in a list; in a URL the slash begins a path."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return before in ("", ",", " ", '"', "'", "[", "=") and after in ("", ",", " ", '"', "'", "]")
