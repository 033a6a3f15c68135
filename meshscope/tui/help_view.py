"""The keys of a screen as lines of a table. No widget in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode
from textual.keys import format_key

from meshscope.listing.column import Column
from meshscope.listing.registry import KINDS
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows

SWITCHED_OFF = "none"
"""A key that no keyboard has: Textual's keymap cannot take a key away."""
_HIDDEN = frozenset({"app.interrupt"})
"""Ids of bindings that repeat another one."""


def word_of(screen: type[DOMNode]) -> str:
    """`HomeScreen` is `home`, and the ids of its own bindings begin so."""
    return screen.__name__.removesuffix("Screen").lower()


class KeyLine(Struct, frozen=True):
    """One thing that keys do on a screen: `action` runs it in the namespace of `node`."""

    keys: tuple[str, ...]
    description: str
    action: str
    node: Any


COLUMNS: tuple[Column[KeyLine], ...] = (
    Column("KEY", lambda line: "  ".join(line.keys)),
    Column("DOES", lambda line: line.description),
)


def key_lines(active: Iterable[ActiveBinding]) -> tuple[KeyLine, ...]:
    """Keys of one action are one line; what the footer shows stands first. Only the project's own bindings have ids."""
    groups: dict[tuple[DOMNode, str], tuple[Binding, list[str]]] = {}
    for entry in active:
        binding = entry.binding
        if entry.enabled and binding.id and binding.id not in _HIDDEN and binding.key != SWITCHED_OFF:
            keys = groups.setdefault((entry.node, binding.action), (binding, []))[1]
            keys.append(binding.key_display or format_key(binding.key))
    ordered = sorted(groups.items(), key=lambda group: not group[1][0].show)
    return tuple(
        KeyLine(tuple(dict.fromkeys(keys)), binding.description, action, node)
        for (node, action), (binding, keys) in ordered
    )


def command_lines(app: DOMNode) -> tuple[KeyLine, ...]:
    """The commands of `:` that need no further word: screens, then the table of each kind."""
    words = {**_COMMANDS, **{word: f"list {word}" for word in KINDS}}
    return tuple(KeyLine((f":{word}",), does, f"run_line({word!r})", app) for word, does in words.items())


_COMMANDS = {
    "home": "the mesh at a glance",
    "trace": "follow a request",
    "find": "find a text in everything",
    "effect": "which objects are in effect",
    "ns": "list the namespaces",
    "ns all": "show all namespaces",
}


def rows(lines: tuple[KeyLine, ...]) -> Rows[KeyLine]:
    return Rows(lines, row_ids(("", "keys", line.description) for line in lines), COLUMNS)
