"""An outline as text for a terminal, in its width and with its colours, or for a pipe. It decides nothing but the layout.

Lines are wrapped, never cut: a name or a reason that decides is whole on any terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from meshscope.render.abbreviating import MOST, abbreviated
from meshscope.render.painting import BOLD, CYAN, FAINT, GREEN, RED, YELLOW, painted
from meshscope.render.text import ASCII, padded, safe
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.render.trace.rows import GAP, Row, Word, cells, rows_of, width
from meshscope.render.trace.verdict import GLYPHS

INDENT = 2
LABEL, KIND, SHARE = 9, 16, 5
"""The widths of labels, of the kinds of steps, of shares."""
WIDEST = 110
"""The right edge of a tail on a wider terminal, where it would be far from its question."""
NARROWEST = 24
STYLES = {
    Meaning.QUESTION: BOLD,
    Meaning.WELL: f"{BOLD};{GREEN}",
    Meaning.FAILED: f"{BOLD};{RED}",
    Meaning.UNKNOWN: f"{BOLD};{YELLOW}",
    Meaning.SHARE: BOLD,
    Meaning.PROXY: BOLD,
    Meaning.LABEL: FAINT,
    Meaning.OWNER: CYAN,
    Meaning.PLACE: FAINT,
    Meaning.HINT: CYAN,
    Meaning.ASSUMPTION: YELLOW,
    Meaning.DIM: FAINT,
}
"""The other meanings have the terminal's normal weight."""


class Painter(Struct, frozen=True):
    """`cells` is the terminal's width, None where nothing is wrapped. `is_ascii`: the terminal has no other glyphs."""

    colour: bool = False
    cells: int | None = None
    is_ascii: bool = False

    def paint(self, lines: Iterable[Line]) -> Iterator[str]:
        for line in lines:
            if line.apart:
                yield ""
            yield from self.line(line)

    def line(self, line: Line) -> Iterator[str]:
        """The rows of one line."""
        indent = " " * (INDENT * line.depth)
        mark = self._text(f"{GLYPHS[line.mark]} ") if line.mark else ""
        label, style, spans = self._label(line)
        hanging = " " * (width(indent) + width(mark) + width(label))
        room = max(NARROWEST, self.cells - width(hanging)) if self.cells else None
        rows = self._rows(spans, room)
        below = self._beside(rows[-1], self._words(line.tail), room)
        start = indent + self._coloured(mark, STYLES[line.mark] if line.mark else "") + self._coloured(label, style)
        for number, row in enumerate(rows):
            yield self._painted(hanging if number else start, row)
        for row in rows_of(below, None if room is None else room - INDENT):
            if row:
                yield self._painted(hanging + " " * INDENT, row)

    def _label(self, line: Line) -> tuple[str, str, Sequence[Span]]:
        """The label or the share in its column, its style, and the spans after it."""
        if line.label:
            return f"{padded(self._text(line.label), KIND if line.mark else LABEL)} ", FAINT, line.spans
        if line.spans and line.spans[0].meaning is Meaning.SHARE and len(line.spans) > 1:
            share = self._text(line.spans[0].text)
            return " " * (SHARE - width(share)) + share + " " * GAP, STYLES[Meaning.SHARE], line.spans[1:]
        return "", "", line.spans

    def _beside(self, row: Row, tail: list[Row], room: int | None) -> list[Row]:
        """Sets the tail at the right edge of the row; returns it where there is no room for it."""
        words = [word for unit in tail for word in unit]
        if not words:
            return []
        gap = GAP if room is None else min(room, WIDEST) - cells(row) - cells(words)
        if gap < GAP:
            return tail
        row += [replace(words[0], gap=gap), *words[1:]]
        return []

    def _rows(self, spans: Sequence[Span], room: int | None) -> list[Row]:
        """Names lose what all names share, at the weakest level that saves most rows; reasons stay whole."""
        rows = rows_of(self._words(spans), room)
        for level in range(1, MOST + 1):
            if len(rows) > 1 and len(shorter := rows_of(self._words(spans, level), room)) < len(rows):
                rows = shorter
        return rows

    def _words(self, spans: Sequence[Span], level: int = 0) -> list[Row]:
        """The spans as words, those that are joined together."""
        units: list[Row] = []
        for span in spans:
            text = self._text(abbreviated(span.text, level) if span.meaning is Meaning.VALUE else span.text)
            glyph = self._text(GLYPHS.get(span.meaning, ""))
            word = Word(f"{glyph} {text}".strip(), STYLES.get(span.meaning, ""), 1 if span.joined else GAP)
            if span.joined and units:
                units[-1].append(word)
            else:
                units.append([word])
        return units

    def _text(self, text: str) -> str:
        text = safe(text)
        return text.translate(ASCII) if self.is_ascii and not text.isascii() else text

    def _painted(self, start: str, row: Row) -> str:
        text = start
        for number, word in enumerate(row):
            text += (" " * word.gap if number else "") + self._coloured(word.text, word.style)
        return text.rstrip()

    def _coloured(self, text: str, style: str) -> str:
        return painted(text, style, colour=self.colour)
