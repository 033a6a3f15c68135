"""The formats of answers by their names, as `-o` takes them, and the text of those for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from meshscope.render.text import safe

if TYPE_CHECKING:
    from meshscope.render.machine import Tail

JSONPATH = "jsonpath="
COLUMNS = "columns="
"""A table of the columns that follow, with commas between them; only `get` has it."""
SVG = "svg"
TABLES = ("table", "wide")
PEOPLE = (*TABLES, SVG)
"""Lines for people, `svg` as a picture of them."""
HIGHLIGHTED = ("json", "jsonl", "yaml")
"""Formats that a terminal shows in colour."""
FORMATS = (*TABLES, *HIGHLIGHTED, "name", SVG)
"""Formats without an argument; `jsonpath=TEMPLATE` is one too."""


def rows_as(
    output: str, rows: Iterable[Any], tail: Tail, name: Callable[[Any], str], *, on_terminal: bool
) -> Iterator[str]:
    """The pieces of a list's text. `name` writes a row as `kind/name`."""
    from meshscope.render import machine  # only for programs

    if output == "json":
        yield from machine.as_json(rows, tail)
    elif output == "jsonl":
        yield from machine.as_jsonl(rows)
    elif output == "yaml":
        yield from machine.as_yaml(rows, tail)
    elif output == "name":
        yield from (safe(name(row)) + "\n" for row in rows)
    else:
        items = [machine.plain(machine.resolved(row)) for row in rows]
        yield _filled(output, {"version": 1, "items": items}, on_terminal=on_terminal)


def object_as(output: str, value: Any, name: str, *, on_terminal: bool) -> str:
    """The text of a single object; `value` is of JSON's own types."""
    from meshscope.render import machine

    if output == "json":
        return machine.indented(value) + "\n"
    if output == "jsonl":
        return machine.encoded(value) + "\n"
    if output == "yaml":
        return machine.yaml_text(value)
    if output == "name":
        return safe(name) + "\n"
    return _filled(output, value, on_terminal=on_terminal)


def _filled(output: str, value: Any, *, on_terminal: bool) -> str:
    """The template filled in: exact for a pipe; escaped for a terminal, which would obey control characters."""
    from meshscope.render.jsonpath import filled  # only for -o jsonpath

    return filled(output.removeprefix(JSONPATH), value, safe if on_terminal else str) + "\n"
