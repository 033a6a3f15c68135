"""The text of an object in its forms. No widget in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.listing.describe import Description
from meshscope.location import Location, Place
from meshscope.path import Path
from meshscope.tui.cycle import Cycle
from meshscope.tui.text.folds import depths_of
from meshscope.tui.text.raw_slice import raw_slice
from meshscope.tui.text.table_lines import leaves, table_lines
from meshscope.tui.text.text_path import path_at
from meshscope.tui.text.yaml_lines import yaml_lines
from meshscope.work import UNFOLLOWED, Work


class Form(Cycle):
    """The forms of a text, in the order in which a key changes them."""

    YAML = "YAML"
    RAW = "raw"
    JSON = "JSON"
    TABLE = "table"


class Text(Struct, frozen=True):
    """`widest` is the length of the longest line. `note` says how the text differs from the whole object.

    `depths` has a byte a line, see `folds`. `value` is what YAML, JSON and the table are written from, None for a raw text.
    `paths` are those of the lines of a table.
    """

    lines: Sequence[str]
    widest: int
    note: str = ""
    depths: bytes = b""
    value: Any = None
    paths: Sequence[Path] = ()

    def path_at(self, line: int) -> Path | None:
        """The path to the field on a line; None where none begins on it."""
        if self.paths:
            return self.paths[line] if line < len(self.paths) else None
        return path_at(self.lines, self.depths, line)


def text_of(thing: Description, form: Form, work: Work = UNFOLLOWED) -> Text:
    """Takes seconds for a large object. Raises CancelledError."""
    note, value = "", None
    if form is Form.RAW:
        raw, note = (
            ("", "the place of this object is unknown")
            if thing.location is None
            else raw_slice(thing.location, is_secret="secret" in thing.kind.lower())
        )
        lines = raw.expandtabs(4).split("\n")
    else:
        body = msgspec.json.encode(thing.object, enc_hook=_place_value)
        value = msgspec.json.decode(body)
        if form is Form.TABLE:
            return _table(value, work)
        is_yaml = form is Form.YAML
        lines = yaml_lines(value, work) if is_yaml else msgspec.json.format(body, indent=2).decode().split("\n")
    return Text(lines, max(map(len, lines), default=0), note, depths_of(lines, work), value)


def _table(value: Any, work: Work) -> Text:
    found = leaves(value, work)
    lines = table_lines(found, work)
    return Text(lines, max(map(len, lines), default=0), "", bytes(len(lines)), value, [path for path, _ in found])


def _place_value(value: object) -> Place:
    if isinstance(value, Location):
        return value.place()
    raise TypeError(f"{type(value).__name__} has no form as text")
