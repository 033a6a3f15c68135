"""Where a fact was written: a document and a path into it.

A path is kept as keys and indices; line and column are worked out only when they are shown (line_numbers.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.path import Path, written

if TYPE_CHECKING:
    from meshscope.line_numbers import LineNumbers

_KEPT_PLACES = 20_000


class Document:
    """A captured text: the name under which its user finds it, and its bytes, read when first asked for.

    `skipped_lines` counts lines of the user's file that are not part of `body` (a `200` status line before it).
    `load` returns the whole body and may raise OSError. Once the body was asked for, `flaws`
    says what had to be mended in it (bytes that are not UTF-8), and `failure` why it could not be read; then it is empty.
    """

    flaws: tuple[str, ...] = ()
    failure: str = ""

    def __init__(self, name: str, load: Callable[[], bytes], *, skipped_lines: int = 0) -> None:
        self.name = name
        self.skipped_lines = skipped_lines
        self._load = load
        self._placed: dict[Path, Place] = {}

    @classmethod
    def of(cls, name: str, body: bytes, *, skipped_lines: int = 0) -> Document:
        return cls(name, lambda: body, skipped_lines=skipped_lines)

    @classmethod
    def lost(cls, name: str, why: str) -> Document:
        """One that was asked for and did not come."""
        document = cls.of(name, b"")
        document.failure = why
        return document

    def forget(self) -> None:
        """Lets go of the body; it is loaded again when it is asked for again."""
        self.__dict__.pop("body", None)
        self.__dict__.pop("line_numbers", None)

    def passing(self) -> bytes:
        """The body, kept only if it was kept before: for who goes through documents that are larger than memory."""
        was_kept = "body" in self.__dict__
        body = self.body
        if not was_kept:
            self.forget()
        return body

    @cached_property
    def body(self) -> bytes:
        try:
            return self._read()
        except OSError as error:
            self.failure = str(error) or "could not be read"
            return b""

    def _read(self) -> bytes:
        return self._load()

    @cached_property
    def is_json(self) -> bool:
        """JSON starts with a bracket and goes on with a quote, a number or another one; YAML in flow style may not."""
        return bool(re.match(rb'\s*(?:\{\s*["}]|\[\s*["\]{\[\dtfn-])', self.body[:4096]))

    @cached_property
    def line_numbers(self) -> LineNumbers:
        from meshscope.line_numbers import JsonLineNumbers, YamlLineNumbers  # only for places that are shown

        return (JsonLineNumbers if self.is_json else YamlLineNumbers)(self.body, self.skipped_lines)

    def place(self, path: Path) -> Place:
        """Where a path leads; kept, as answers name the same places again and again."""
        found = self._placed.get(path)
        if found is None:
            if len(self._placed) >= _KEPT_PLACES:
                self._placed.clear()
            there, line, column = self.line_numbers.find(path)
            found = self._placed[path] = Place(self.name, written(there), line, column)
        return found

    def __repr__(self) -> str:
        return f"Document({self.name!r})"


class Place(Struct, frozen=True):
    """A location as it is shown: line and column count from 1; None where the document has no such place."""

    document: str
    path: str
    line: int | None = None
    column: int | None = None


class Location:
    """A fact's place: `path` leads from the top of the document to it. It never changes once it is made.

    No Struct, so that an encoder asks what to make of it.
    """

    __slots__ = ("document", "path")

    def __init__(self, document: Document, path: Path = ()) -> None:
        self.document = document
        self.path = path

    def __truediv__(self, part: str | int) -> Location:
        return Location(self.document, (*self.path, part))

    def below(self, parts: Iterable[str | int]) -> Location:
        return Location(self.document, (*self.path, *parts))

    def place(self) -> Place:
        return self.document.place(self.path)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Location):
            return NotImplemented
        return self.document is other.document and self.path == other.path

    def __hash__(self) -> int:
        return hash((self.document, self.path))

    def __repr__(self) -> str:
        return f"Location({self.document!r}, {self.path!r})"
