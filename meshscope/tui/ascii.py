"""What is drawn, for a terminal without UTF-8: each glyph becomes as many characters of ASCII as it has cells."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from meshscope.render.text import width

_GLYPHS = {
    "✓": "+", "✗": "x", "▲": "^", "▼": "v", "⚠": "!", "…": "~", "⋯": "~", "–": "-", "—": "-", "·": "-", "•": "*", "×": "x",
    "▸": ">", "◂": "<", "→": ">", "←": "<", "↑": "^", "↓": "v", "⏎": "<", "⌫": "<", "’": "'",
}  # fmt: skip
_LINES, _BLOCKS = range(0x2500, 0x2580), range(0x2580, 0x25A0)
"""Of borders; of scrollbars and bars of progress."""
_ACROSS, _DOWN = frozenset("─━┄┅┈┉═╌╍╴╶╸╺╼╾"), frozenset("│┃┆┇┊┋║╎╏╵╷╹╻╽╿")


class AsciiFilter(LineFilter):
    """The last filter of a line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # Textual's signature
        return [
            segment if segment.text.isascii() else Segment(in_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


@lru_cache(4096)
def in_ascii(text: str) -> str:
    """As wide as the text, in which a mark has no cell of its own."""
    cells = width(text)
    return "".join(character if character.isascii() else _of(character) for character in text)[:cells].ljust(cells)


def _of(character: str) -> str:
    if character in _GLYPHS:
        return _GLYPHS[character]
    if ord(character) in _LINES:
        return "-" if character in _ACROSS else "|" if character in _DOWN else "+"
    return (" " if ord(character) in _BLOCKS else "?") * width(character)
