"""Where a fact is written: a document and a path into it.

A path is kept as keys and indices; line and column are worked out when a place is shown (`line_numbers`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from msgspec import Struct

from meshscope.once import once
from meshscope.path import Path, path_text

if TYPE_CHECKING:
    from meshscope.line_numbers import LineNumbers

_KEPT_PLACES = 20_000


class Document:
    """A captured text: the name under which its user finds it, and its bytes, loaded at the first question.

    `skipped_lines` counts lines of the user's file before `body` (such as an HTTP status). `load` returns the whole body and
    may raise OSError. Once the body is loaded, `flaws` lists what was mended in it (bytes that are not UTF-8), and `failure`
    says why it could not be read; then it is empty.

    Safe to use from several threads. A document with `stored_as`, which identifies its text, pickles with its `load`, and is
    loaded again in the other process; any other one arrives without its text, with a failure that says so. A process that has
    sent or received a document before receives the same object.
    """

    flaws: tuple[str, ...] = ()
    failure: str = ""

    def __init__(
        self, name: str, load: Callable[[], bytes], *, skipped_lines: int = 0, stored_as: Hashable = None
    ) -> None:
        self.name = name
        self.skipped_lines = skipped_lines
        self._load = load
        self._stored_as = stored_as
        self._places: dict[Path, Place] = {}
        self._places_lock = Lock()

    @classmethod
    def of(cls, name: str, body: bytes, *, skipped_lines: int = 0) -> Document:
        return cls(name, lambda: body, skipped_lines=skipped_lines)

    @classmethod
    def lost(cls, name: str, why: str) -> Document:
        """A document that could not be captured."""
        document = cls.of(name, b"")
        document.failure = why
        return document

    def forget(self) -> None:
        """Lets go of the body; the next question loads it again."""
        vars(self).pop("body", None)
        vars(self).pop("line_numbers", None)

    def transient_body(self) -> bytes:
        """The body, kept only if it was kept before: for a walk through more documents than memory holds."""
        was_kept = "body" in vars(self)
        body = self.body
        if not was_kept:
            self.forget()
        return body

    @once
    def body(self) -> bytes:
        try:
            return self._read()
        except OSError as error:
            self.failure = str(error) or "could not be read"
            return b""

    def _read(self) -> bytes:
        return self._load()

    @once
    def is_json(self) -> bool:
        """JSON starts with a bracket, then a quote, a number, another bracket or its cut end; YAML in flow style may not."""
        return bool(re.match(rb'\s*(?:\{\s*(?:["}]|\Z)|\[\s*(?:["\]{\[\dtfn-]|\Z))', self.body[:4096]))

    @once
    def line_numbers(self) -> LineNumbers:
        from meshscope.line_numbers import JsonLineNumbers, YamlLineNumbers  # only for places that are shown

        return (JsonLineNumbers if self.is_json else YamlLineNumbers)(self.body, self.skipped_lines)

    def place(self, path: Path) -> Place:
        """Where a path leads. Places are kept: answers name the same ones again and again."""
        place = self._places.get(path)
        if place is None:
            with self._places_lock:
                there, line, column = self.line_numbers.find(path)
                if len(self._places) >= _KEPT_PLACES:
                    self._places.clear()
                place = self._places[path] = Place(self.name, path_text(there), line, column)
        return place

    def __reduce__(self) -> tuple[Any, ...]:
        if self._stored_as is None:
            return Document.lost, (self.name, self.failure or _ELSEWHERE)
        known = (type(self), self.name, self.skipped_lines, self._stored_as)
        with _exchanged_lock:
            _exchanged[known] = self
        return _received, (*known, self._load)

    def __repr__(self) -> str:
        return f"Document({self.name!r})"


_ELSEWHERE = "its text is in the memory of another process"
_exchanged: WeakValueDictionary[tuple[Any, ...], Document] = WeakValueDictionary()
_exchanged_lock = Lock()


def _received(
    form: type[Document], name: str, skipped_lines: int, stored_as: Hashable, load: Callable[[], bytes]
) -> Document:
    known = (form, name, skipped_lines, stored_as)
    with _exchanged_lock:
        document = _exchanged.get(known)
        if document is None:
            document = _exchanged[known] = form(name, load, skipped_lines=skipped_lines, stored_as=stored_as)
        return document


class Place(Struct, frozen=True):
    """A location to show. Line and column count from 1; None where the document has no such place."""

    document: str
    path: str
    line: int | None = None
    column: int | None = None


class Location:
    """A fact's place: `path` leads to it from the top of the document. Immutable; equal by the document's name and the path.

    Not a Struct, so that encoders call their hook, which asks for the place.
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
        return self.path == other.path and self.document.name == other.document.name

    def __hash__(self) -> int:
        return hash((self.document.name, self.path))

    def __reduce__(self) -> tuple[type[Location], tuple[Document, Path]]:
        return Location, (self.document, self.path)

    def __repr__(self) -> str:
        return f"Location({self.document!r}, {self.path!r})"
