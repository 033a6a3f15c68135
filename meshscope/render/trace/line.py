"""The lines of an outline: words with a meaning, their place in the tree, and where each of them leads."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from meshscope.location import Location


class Meaning(StrEnum):
    """What a span is to its reader. A painter chooses glyph and style by it, and nothing else."""

    QUESTION = "question"
    """Who asks whom for what."""
    WELL = "well"
    """A verdict: the caller gets what it came for, or a step lets the request pass."""
    FAILED = "failed"
    """A verdict: the caller does not get it, or a step ends the request."""
    UNKNOWN = "unknown"
    """A verdict: what decides is not modelled, or not in the input."""
    SHARE = "share"
    """How many of the requests take this way."""
    PROXY = "proxy"
    """The name of a proxy or of a pod."""
    LABEL = "label"
    """What the span after it is."""
    VALUE = "value"
    """A name or number of the configuration. Where room is short it may lose what all names share."""
    REASON = "reason"
    """Why it ends so. It is never shortened and never faint."""
    OWNER = "owner"
    """The object that the configuration was made from."""
    PLACE = "place"
    """A document with a line or a path in it."""
    HINT = "hint"
    """What to pass, so that an unknown is decided."""
    ASSUMPTION = "assumption"
    """What is taken for granted although it is not in the input."""
    DIM = "dim"
    """A detail that stands back."""


class Position(Struct, frozen=True):
    """Indices in a trace: `paths[path].hops[hop].steps[step]`; `step` is None for the whole hop."""

    path: int
    hop: int
    step: int | None = None


class Span(Struct, frozen=True):
    """`joined`: it belongs to the span before it and stays on its line."""

    text: str
    meaning: Meaning
    joined: bool = False
    location: Location | None = None
    owner: str = ""
    position: Position | None = None


class Line(Struct, frozen=True):
    """`key` is unique in an outline, and identifies the line among those of other traces of the same request.

    `depth` counts levels of indentation. `label` is set in a column of its own before the spans, with the verdict `mark`
    before it; `tail` at the right edge. `apart`: a gap separates it from the line above.
    """

    key: tuple[str, ...]
    spans: tuple[Span, ...]
    depth: int = 0
    label: str = ""
    mark: Meaning | None = None
    tail: tuple[Span, ...] = ()
    apart: bool = False

    @property
    def words(self) -> str:
        """The text without any layout."""
        return "  ".join(
            filter(None, (self.mark or "", self.label, *(span.text for span in (*self.spans, *self.tail))))
        )
