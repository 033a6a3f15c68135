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
from meshscope.anonymous.known_fields import is_field, is_made_of_known_words
from meshscope.anonymous.software_words import SOFTWARE_TEXT
from meshscope.anonymous.vocabulary import RANDOM, Vocabulary, is_private
from meshscope.redaction.name_keys import PATH, VALUE
from meshscope.redaction.stand_ins import CLASS

_TOKEN = re.compile(
    r"(?P<v4>(?<!\d)(?<!\d\.)\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d))(?P<bits>/\d{1,2}(?![\w./]))?"
    r"|(?P<v6>(?<![\w.:])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{0,4}|\d{1,3}(?:\.\d{1,3}){3})(?![\w:.])(?:/\d{1,3}(?![\w./]))?)"
    r"|(?P<dashed>(?<!\d)(?<!\d-)\d{1,3}(?:-\d{1,3}){3}(?!\d|-\d))"
    r"|(?P<escape>\\[a-zA-Z]|%[0-9A-Fa-f]{2}|%[A-Z][A-Z0-9_]+|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?|\[redacted\])"
    r"|(?P<word>[A-Za-z0-9]*[A-Za-z](?=\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d))|[A-Za-z0-9]+)"
)
_PATTERN_TOKEN = re.compile(rf"(?P<class>{CLASS})|{_TOKEN.pattern}")
_LINE_TOKEN = re.compile(
    r"(?P<joined>(?<![\w.])[a-z0-9]+(?:_[a-z0-9]+)+(?![\w])|(?<=\.)[a-z]+(?:_[a-z0-9]+)+(?=:))|" + _TOKEN.pattern
)
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Kubernetes' alphabet for generated suffixes: without vowels, so that no words arise."""
_CONSONANTS = _ALPHABET[:20]
_LONGEST = 64
"""Characters of a word beyond which no piece of it is looked for."""
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
        """A key of a JSON object: the name of a known field stays, other names are replaced."""
        return key if is_field(key) else self.text(key)

    def _text(self, text: str) -> str:
        """The text with every address replaced, and every word that is not the software's."""
        return text if _is_software(text) else _TOKEN.sub(self._token, text)

    def pattern(self, text: str) -> str:
        """The same for a regular expression, whose classes and counts stay."""
        return _PATTERN_TOKEN.sub(self._token, text)

    def line(self, text: str) -> str:
        """The same for a line of plain text, in which `upstream_rq_total` is the software's as a whole."""
        return _LINE_TOKEN.sub(self._line_token, text)

    def _line_token(self, match: re.Match[str]) -> str:
        joined = match["joined"]
        if joined is None:
            return self._token(match)
        return joined if is_made_of_known_words(joined) else self.text(joined)

    def setting(self, text: str) -> str:
        """The same for the text of a field that has words of the software: a word stays if all its parts do."""
        return text if _is_software(text) else _TOKEN.sub(self._setting_token, text)

    def _setting_token(self, match: re.Match[str]) -> str:
        word = match["word"]
        return word if word and is_made_of_known_words(word) else self._token(match)

    def _token(self, match: re.Match[str]) -> str:
        text = match[0]
        if match["word"]:
            return self._word(text)
        if match["escape"] or match.groupdict().get("class"):
            return text
        if match["dashed"]:
            new = self._addresses.replace(text.replace("-", "."))
            return new.replace(".", "-") if new else text
        bits = match["bits"] or ""
        if bits and not _stands_alone(match):
            return (self._addresses.replace(match["v4"]) or match["v4"]) + bits
        return self._addresses.replace(text) or text

    def _word(self, word: str) -> str:
        """A word that is not the software's gets a pseudonym, whether it was collected or not."""
        new = self._words.get(word)
        if new is not None or not is_private(word):
            return new or word
        base = _base(word)
        if base not in self._bases:
            self._categories.setdefault(base, VALUE)
            self._bases[base] = self._make(base)
        new = self._words[word] = _cased(self._bases[base], word)
        return new

    def _make(self, word: str) -> str:
        """A new pseudonym. Those of shorter words exist already, so that the pieces of a longer one have theirs."""
        sizes = range(len(word) - 1, 0, -1) if len(word) <= _LONGEST else ()
        if piece := next((word[:size] for size in sizes if word[:size] in self._prefixes), ""):
            return self._first_unused(lambda number: self._pseudonym_of(piece) + self._hash(word, number))
        if piece := next((word[-size:] for size in sizes if word[-size:] in self._suffixes), ""):
            return self._first_unused(lambda number: "n" + self._hash(word, number) + self._pseudonym_of(piece))
        if piece := self._contained(word, sizes):
            return self._first_unused(
                lambda number: f"n{self._hash(word, number)}{self._pseudonym_of(piece)}{self._hash(word, number)}"
            )
        category = self._categories[word]
        if category == RANDOM:
            return self._first_unused(lambda number: self._letters(word, number, len(word), _ALPHABET))
        if category in _LETTERS_ONLY:
            return self._first_unused(lambda number: category + self._letters(word, number, 4, _CONSONANTS))
        return self._first_unused(lambda number: f"{category}-{self._hash(word, number)}")

    def _contained(self, word: str, sizes: Iterable[int]) -> str:
        if not self._parts:
            return ""
        found = (word[at : at + size] for size in sizes for at in range(len(word) - size + 1))
        return next((piece for piece in found if piece in self._parts), "")

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


def _is_software(text: str) -> bool:
    """A type, a header, or the name of an extension that has no word but the software's."""
    if not SOFTWARE_TEXT.fullmatch(text):
        return False
    return not text.startswith("envoy.") or "_features" in text or is_made_of_known_words(text)


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether `10.0.0.0/8` is alone or in a list, and so a range. In a URL the slash begins a path."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    return before in ("", ",", " ", '"', "'", "[", "=") and after in ("", ",", " ", '"', "'", "]")
