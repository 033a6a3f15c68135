"""A trace as a graph's source: Mermaid's flowchart, or Graphviz's dot. Names are quoted as data.

https://mermaid.js.org/syntax/flowchart.html · https://graphviz.org/doc/info/lang.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from meshscope.render.text import safe
from meshscope.render.trace.ends import End, outcomes, total, ways
from meshscope.render.trace.verdict import GLYPHS, meaning_of, share_words, verdict_words
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Trace

MOST_RECEIVERS = 3


class Arrow(Struct, frozen=True):
    """From one box to another, by their names, with its label."""

    source: str
    target: str
    label: str


def mermaid(trace: Trace) -> Iterator[str]:
    """Mermaid's `flowchart LR`."""
    boxes, arrows = _graph(trace)
    yield "flowchart LR"
    for name, text in boxes.items():
        yield f'  {name}["{_entities(text)}"]'
    for arrow in arrows:
        label = f'|"{_entities(arrow.label)}"|' if arrow.label else ""
        yield f"  {arrow.source} -->{label} {arrow.target}"


def dot(trace: Trace) -> Iterator[str]:
    """Graphviz's `digraph`."""
    boxes, arrows = _graph(trace)
    yield "digraph trace {"
    yield "  rankdir=LR; node [shape=box];"
    for name, text in boxes.items():
        yield f'  {name} [label="{_escaped(text)}"];'
    for arrow in arrows:
        yield f'  {arrow.source} -> {arrow.target} [label="{_escaped(arrow.label)}"];'
    yield "}"


def _graph(trace: Trace) -> tuple[dict[str, str], list[Arrow]]:
    """Boxes by name, one for each proxy in a direction and one for each ending, and the arrows between them."""
    names: dict[str, str] = {}
    labels: dict[tuple[str, str], dict[str, None]] = {}
    shares: dict[tuple[str, str], list[float | None]] = {}

    def box(lines: tuple[str, ...]) -> str:
        return names.setdefault("\n".join(map(safe, lines)), f"n{len(names)}")

    client = box((trace.request.source or "client",))
    for end in outcomes(ways(trace)):
        ending = box(_ending(end))
        for path in end.paths:
            boxes = (client, *(box((hop.proxy, hop.direction)) for hop in path.hops), ending)
            shares.setdefault((boxes[0], boxes[1]), []).append(path.probability)
            for arrow, label in zip(pairwise(boxes), ("", *(hop.cluster or "" for hop in path.hops)), strict=True):
                labels.setdefault(arrow, {})[safe(label)] = None
    for arrow, known in shares.items():
        labels[arrow] = {share_words(total(known)): None}
    arrows = [Arrow(source, target, ", ".join(filter(None, texts))) for (source, target), texts in labels.items()]
    return {name: text for text, name in names.items()}, arrows


def _ending(end: End) -> tuple[str, ...]:
    path = end.path
    if path.others:
        return (f"{path.others} more outcomes",)
    verdict = f"{GLYPHS[meaning_of(path)]} {verdict_words(path)}"
    if path.disposition is Disposition.DELIVERED:
        return (verdict, *end.receivers[:MOST_RECEIVERS])
    return (verdict, path.response.details) if path.response and path.response.details else (verdict,)


_ENTITIES = {ord(mark): f"#{ord(mark)};" for mark in '#"<>&`|[]{}\\'}
"""What ends or opens something in a quoted text of Mermaid, in HTML, or in the Markdown around it."""


def _entities(text: str) -> str:
    """A text whose lines are safe, within Mermaid's quotes; `%%` would begin a directive."""
    return text.translate(_ENTITIES).replace("%%", "#37;#37;").replace("\n", "<br/>")


def _escaped(text: str) -> str:
    """A text whose lines are safe, within dot's quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
