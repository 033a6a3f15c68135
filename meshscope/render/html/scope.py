"""The scope of a proxy as an inline SVG in five fixed layers. It is whole without a script; `page.js` narrows it.

The script is given numbers alone: what it writes it takes from the texts of the drawing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec import Struct

from meshscope.listing.glyphs import ERROR, MISSING, WELL
from meshscope.listing.scope import COLUMNS, ROUTES
from meshscope.render.html.drawing import BETWEEN, LEFTS, MOST_REFERENCES, PADDING, WIDTH, WIDTHS, Box, Drawing
from meshscope.render.html.markup import BREAK, WIDE, Markup, element, joined
from meshscope.render.scope_words import count_words

_HEAD, _BASE, _SECOND = 24, 14, 29
"""The height of the heads; the base lines of the rows of a box."""
_BEND = 18
"""How far a curve goes straight on."""
_SIGNS = {MISSING: "bad", ERROR: "bad", WELL: "good"}


class DrawnScope(Struct, frozen=True):
    """`name` and `facts` are the proxy's."""

    name: str
    facts: tuple[str, ...]
    drawing: Drawing


def scope_markup(scope: DrawnScope, number: int, *, is_open: bool = True) -> Markup:
    """`number` tells it from the other scopes of the page."""
    drawn = scope.drawing
    counts = " · ".join(count_words(count, column) for column, count in enumerate(drawn.counts))
    summary = element(
        "summary", element("h3", scope.name), " ", element("span", " · ".join(scope.facts), class_="facts")
    )
    parts = (
        summary,
        element("p", counts, class_="status", role="status"),
        element("p", class_="detail"),
        *_notes(drawn),
        element("div", _heads(drawn), _svg(drawn), class_="canvas", tabindex=0),
        *_graph(drawn),
    )
    return element(
        "details", joined(parts, BREAK), class_="scope", id=f"scope-{number}", **({"open": "open"} if is_open else {})
    )


def _notes(drawn: Drawing) -> Iterator[Markup]:
    if any(box.is_on_the_way for box in drawn.boxes):
        yield element("p", element("span", "▍", class_="key-of-way"), "on the way of a trace", class_="note")
    cut = [
        f"{some:,} of {count_words(count, column)}"
        for column, (some, count) in enumerate(zip(drawn.drawn, drawn.counts, strict=True))
        if some < count
    ]
    if cut:
        text = f"drawn: {', '.join(cut)}: those on the way of a trace, then those in trouble, then the first"
        yield element("p", text, class_="note")
    if drawn.references is None:
        text = f"more than {MOST_REFERENCES:,} references: the page cannot narrow this scope; meshscope ui does"
        yield element("p", text, class_="note")


def _heads(drawn: Drawing) -> Markup:
    texts = [
        element("text", name.upper(), " ", element("tspan", f"{count:,}", class_="count"), x=left + PADDING, y=16)
        for name, left, count in zip(COLUMNS, LEFTS, drawn.counts, strict=True)
    ]
    return element("svg", *texts, class_="heads", viewBox=f"0 0 {WIDTH} {_HEAD}")


def _svg(drawn: Drawing) -> Markup:
    boxes = {box.number: box for box in drawn.boxes}
    curves = (
        element("path", class_="edge", data_s=source, data_t=target, d=_curve(boxes[source], boxes[target]))
        for source, target in drawn.curves
    )
    body = joined((element("g", *curves), *map(_box, drawn.boxes)), BREAK)
    return element("svg", body, class_="drawing", viewBox=f"0 0 {WIDTH} {drawn.height + 2}")


def _curve(source: Box, target: Box) -> str:
    """As `curve` of page.js draws it."""
    x1, y1 = LEFTS[source.column] + WIDTHS[source.column], source.top + source.height / 2
    x2, y2 = LEFTS[target.column], target.top + target.height / 2
    return f"M{x1} {y1:g}C{x1 + _BEND} {y1:g} {x2 - _BEND} {y2:g} {x2} {y2:g}"


def _box(box: Box) -> Markup:
    words, indent = box.words, box.indent
    left = indent + PADDING
    sign = element("tspan", words.sign, class_=_SIGNS.get(box.glyph, "")) if words.sign else ""
    facts = element("tspan", words.facts, class_="special" if box.is_special else "facts") if words.facts else ""
    label = element("tspan", words.label, class_="label")
    if words.rows == 1:
        texts = [element("text", joined(filter(None, (label, sign, facts)), WIDE), x=left, y=_BASE)]
    else:
        below = joined(filter(None, (sign, facts)), WIDE)
        texts = [element("text", label, x=left, y=_BASE), element("text", below, x=left, y=_SECOND)]
    kinds = (
        "table" if box.column == ROUTES and not box.depth else "",
        _SIGNS.get(box.glyph, "") if box.glyph != WELL else "",
        "way" if box.is_on_the_way else "",
    )
    size = {"x": indent, "width": WIDTHS[box.column] - indent, "height": box.height}
    return element(
        "g",
        element("title", box.title),
        element("desc", box.name),
        element("rect", rx=3, **size),
        *([element("rect", class_="bar", x=indent, width=3, height=box.height)] if box.is_on_the_way else []),
        *texts,
        class_=" ".join(filter(None, ("node", *kinds))),
        transform=f"translate({LEFTS[box.column]} {box.top})",
        data_n=box.number,
        data_c=box.column,
        data_y=box.top,
        data_h=box.height,
    )


def _graph(drawn: Drawing) -> Iterator[Markup]:
    """The references of the whole scope, also of what is not drawn, so that what the page counts is exact."""
    if drawn.references is None:
        return
    flat = [number for pair in drawn.references for number in pair]
    sizes = {"lefts": LEFTS, "widths": WIDTHS, "between": BETWEEN, "bend": _BEND}
    graph = {**sizes, "counts": drawn.counts, "references": flat}
    yield element("script", data(graph), type="application/json", class_="graph")


def data(value: object) -> Markup:
    """JSON for a script block: no text in it can end the block or begin a comment."""
    text = json.dumps(value, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
