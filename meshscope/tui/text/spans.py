"""The colours of a line of YAML or JSON. No widget in it."""

from __future__ import annotations

import re

from meshscope.render.painting import CYAN, MAGENTA

Span = tuple[str, str]
"""A piece of a line and its style, a code of `render.painting` or ""."""

_LINE = re.compile(
    r'(?P<lead>\s*(?:- )*)(?:(?P<key>"(?:[^"\\]|\\.)*+"|[^\s"#{\[][^\s]*?)(?P<colon>:(?:\s+|$)))?(?P<rest>.*)'
)
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def spans(line: str) -> tuple[Span, ...]:
    """A line of YAML or JSON: its key, and a value that is no text, in the colours of `render.highlighting`."""
    parts = _LINE.fullmatch(line)
    if parts is None:
        return ((line, ""),)
    rest = parts["rest"]
    value = rest.rstrip(" ,")
    pieces = [(parts["lead"], ""), (parts["key"] or "", CYAN), (parts["colon"] or "", "")]
    if _LITERAL.fullmatch(value):
        pieces += [(value, MAGENTA), (rest[len(value) :], "")]
    else:
        pieces.append((rest, ""))
    return tuple(piece for piece in pieces if piece[0])
