"""Pseudonyms: the same word always gets the same one, and what joins words stays.

Laws that preserve traces: equal texts stay equal and different texts different; a text that begins or ends with another one
at a word boundary still does; where a matcher compares with a piece of a word, the word's pseudonym contains the piece's in
the same place. Pseudonyms of DNS labels are DNS labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b

from meshscope.anonymous.addresses import AddressPermutation
from meshscope.anonymous.software_words import FIELD_WORDS, SOFTWARE_TEXT
from meshscope.anonymous.vocabulary import RANDOM, Vocabulary, is_private
from meshscope.redaction.name_keys import PATH, VALUE

_TOKEN = re.compile(
    r"(?P<v4>(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d))(?P<bits>/\d{1,2}(?![\w./]))?"
    r"|(?P<v6>(?<![\w.:])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|\d{1,3}(?:\.\d{1,3}){3})(?![\w:.])(?:/\d{1,3}(?![\w./]))?)"
    r"|(?P<dashed>(?<!\d)(?<!\d-)\d{1,3}(?:-\d{1,3}){3}(?!\d|-\d))"
    r"|(?P<escape>\\[a-zA-Z]|%[0-9A-Fa-f]{2})"
    r"|(?P<word>[A-Za-z0-9]*[A-Za-z](?=\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d))|[A-Za-z0-9]+)"
)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[a-z]+[A-Z]\w*|[A-Z]\w*")
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' alphabet for generated suffixes: without vowels, so that no words arise."""
_CONSONANTS = _ALPHABET[:20]
_LETTERS_ONLY = frozenset({PATH, VALUE})
"""Categories with pseudonyms of letters alone, which regular expressions (`/[a-z]+`) require."""


class Pseudonyms:
    """The pseudonyms of one vocabulary under one key."""

    def __init__(self, vocabulary: Vocabulary, key: bytes) -> None:
        self._key = key
        self._addresses = AddressPermutation(key)
        self._prefixes = frozenset(map(_base, vocabulary.prefixes | vocabulary.parts))
        self._suffixes = frozenset(map(_base, vocabulary.suffixes | vocabulary.parts))
        self._parts = frozenset(map(_base, vocabulary.parts))
        self._categories: dict[str, str] = {}
        for word, category in vocabulary.words.items():
            self._categories.setdefault(_base(word), category)
        self._bases: dict[str, str] = {}
        self._used = {word.lower() for word in vocabulary.words}
        for word in sorted(self._categories, key=lambda one: (len(one), one)):
            self._bases[word] = self._make(word)
        self._words = self._bases | {word: _cased(self._bases[_base(word)], word) for word in vocabulary.words}
        self.text = lru_cache(maxsize=200_000)(self._text)

    @property
    def words(self) -> dict[str, str]:
        """Every replaced word with its pseudonym."""
        return dict(self._words)

    def key(self, key: str) -> str:
        """A key of a JSON object: the name of a field stays, other names are replaced."""
        return key if key in FIELD_WORDS or _FIELD.fullmatch(key) else self.text(key)

    def _text(self, text: str) -> str:
        """The text with every address and every word of the vocabulary replaced."""
        return text if SOFTWARE_TEXT.fullmatch(text) else _TOKEN.sub(self._token, text)

    def request_text(self, text: str) -> str:
        """The same for a text of a request, whose words need not be in the vocabulary.

        They may be in another case, or contain a piece that a matcher compares with.
        """
        return _TOKEN.sub(self._request_token, text)

    def _request_token(self, match: re.Match[str]) -> str:
        word = match[0]
        if not match["word"] or word in self._words or not is_private(word):
            return self._token(match)
        base = _base(word)
        if base in self._bases:
            return _cased(self._bases[base], word)
        if piece := _longest(one for one in self._prefixes if base.startswith(one)):
            return self._pseudonym_of(piece) + word[len(piece) :]
        if piece := _longest(one for one in self._suffixes if base.endswith(one)):
            return word[: -len(piece)] + self._pseudonym_of(piece)
        return word

    def _token(self, match: re.Match[str]) -> str:
        text = match[0]
        if match["word"]:
            return self._word(text)
        if match["escape"]:
            return text
        if match["dashed"]:
            new = self._addresses.replace(text.replace("-", "."))
            return new.replace(".", "-") if new else text
        bits = match["bits"] or ""
        if bits and not _stands_alone(match):
            return (self._addresses.replace(match["v4"]) or match["v4"]) + bits
        return self._addresses.replace(text) or text

    def _word(self, word: str) -> str:
        """A capitalised word is the same name; a word in capitals is a constant unless the vocabulary has it so."""
        new = self._words.get(word)
        if new is None and word[0].isupper() and not word.isupper() and (base := self._bases.get(word.lower())):
            new = _cased(base, word)
        return new or word

    def _make(self, word: str) -> str:
        """A new pseudonym. Those of shorter words exist already, so that the pieces of a longer one have theirs."""
        if piece := _longest(one for one in self._prefixes if word.startswith(one) and one != word):
            return self._first_unused(lambda number: self._pseudonym_of(piece) + self._hash(word, number))
        if piece := _longest(one for one in self._suffixes if word.endswith(one) and one != word):
            return self._first_unused(lambda number: "n" + self._hash(word, number) + self._pseudonym_of(piece))
        if piece := _longest(one for one in self._parts if one in word and one != word):
            return self._first_unused(
                lambda number: f"n{self._hash(word, number)}{self._pseudonym_of(piece)}{self._hash(word, number)}"
            )
        category = self._categories[word]
        if category == RANDOM:
            return self._first_unused(lambda number: self._letters(word, number, len(word), _ALPHABET))
        if category in _LETTERS_ONLY:
            return self._first_unused(lambda number: category + self._letters(word, number, 4, _CONSONANTS))
        return self._first_unused(lambda number: f"{category}-{self._hash(word, number)}")

    def _pseudonym_of(self, piece: str) -> str:
        return self._bases.get(piece, piece)

    def _first_unused(self, candidate: Callable[[int], str]) -> str:
        """The first candidate that no other word has, so that different words stay different."""
        number = 0
        while (new := candidate(number)).lower() in self._used:
            number += 1
        self._used.add(new.lower())
        return new

    def _hash(self, word: str, number: int) -> str:
        """Four hexadecimal digits; more after many collisions."""
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
    """The word in lower case if it is in capitals or capitalised: matchers may ignore case. Mixed case is a word of its own."""
    return word.lower() if word.isupper() or word[1:].islower() else word


def _cased(new: str, word: str) -> str:
    if word.islower() or not word[0].isalpha():
        return new
    if word.isupper():
        return new.upper()
    return new[0].upper() + new[1:] if word[0].isupper() and word[1:].islower() else new


def _longest(pieces: Iterable[str]) -> str:
    return max(pieces, key=len, default="")


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether `10.0.0.0/8` is alone or in a list, and so a range. In a URL the slash begins a path."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return before in ("", ",", " ", '"', "'", "[", "=") and after in ("", ",", " ", '"', "'", "]")
