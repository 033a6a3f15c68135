"""An outline as HTML: the words and the order of the terminal's painter, laid out by the page's styles in any width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from meshscope.render.html.markup import SPACE, WIDE, Markup, element, joined
from meshscope.render.text import safe, shortened
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.render.trace.verdict import GLYPHS

DEEPEST = 12
"""The deepest level that is indented more than the one above it."""
LONGEST = 1000
"""Cells of a span: only a text that nobody reads is cut."""


def line_markup(line: Line, *, tag: str = "div") -> Markup:
    """A line as one element; its parts are divided by spaces, so that a copy of it reads like the terminal's."""
    spans: Sequence[Span] = line.spans
    parts: list[Markup] = []
    if line.mark:
        parts.append(element("span", GLYPHS[line.mark], class_=f"mark {line.mark}"))
    if line.label:
        parts.append(element("span", line.label, class_="step" if line.mark else "key"))
    elif spans and spans[0].meaning is Meaning.SHARE and len(spans) > 1:
        parts.append(element("span", spans[0].text, class_="share column"))
        spans = spans[1:]
    parts.append(element("span", _words(spans), class_="words"))
    if line.tail:
        parts.append(element("span", _words(line.tail), class_="tail"))
    classes = f"line d{min(line.depth, DEEPEST)}" + (" apart" if line.apart else "")
    return element(tag, joined(parts, SPACE), class_=classes)


def _words(spans: Iterable[Span]) -> Markup:
    """Spans that are joined stay together where the line wraps."""
    units: list[list[Markup]] = []
    for span in spans:
        glyph = f"{GLYPHS[span.meaning]} " if span.meaning in GLYPHS else ""
        word = element("span", glyph + shortened(safe(span.text), LONGEST), class_=span.meaning)
        if span.joined and units:
            units[-1].append(word)
        else:
            units.append([word])
    return joined((element("span", joined(unit, SPACE), class_="unit") for unit in units), WIDE)
