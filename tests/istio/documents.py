"""The recorded documents that these tests read."""

from __future__ import annotations

from pathlib import Path

from msgspec import Raw

from meshscope.location import Document
from meshscope.snapshot.json_text import values_of

DATA = Path(__file__).parent.parent / "data" / "istio"
LINES = ("1.4", "1.14", "1.32")


def document(*parts: str) -> Document:
    path = DATA.joinpath(*parts)
    return Document.of(str(path.relative_to(DATA)), path.read_bytes())


def value(*parts: str) -> Raw:
    """The one value of a recorded answer."""
    (only,) = values_of(document(*parts))
    return only


def names(file: str) -> list[str]:
    return (DATA / "names" / file).read_text().splitlines()
