"""A trace as a picture's source: Mermaid's flowchart, or Graphviz's dot. Names are quoted as data."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.render.text import safe
from meshscope.simulation.trace import Path, Trace


class Arrow(Struct, frozen=True):
    """From one box to another, with what is written on it."""

    source: str
    target: str
    label: str


def mermaid(trace: Trace, client: str) -> Iterator[str]:
    """Mermaid's `flowchart LR`."""
    boxes, arrows = _drawn(trace, client)
    yield "flowchart LR"
    for name, text in boxes.items():
        yield f'  {name}["{_entities(text)}"]'
    for arrow in arrows:
        yield f'  {arrow.source} -->|"{_entities(arrow.label)}"| {arrow.target}'


def dot(trace: Trace, client: str) -> Iterator[str]:
    """Graphviz's `digraph`."""
    boxes, arrows = _drawn(trace, client)
    yield "digraph trace {"
    yield "  rankdir=LR; node [shape=box];"
    for name, text in boxes.items():
        yield f'  {name} [label="{_escaped(text)}"];'
    for arrow in arrows:
        yield f'  {arrow.source} -> {arrow.target} [label="{_escaped(arrow.label)}"];'
    yield "}"


def _drawn(trace: Trace, client: str) -> tuple[dict[str, str], list[Arrow]]:
    """Boxes by id (one for each proxy and ending), and arrows; equal boxes are one."""
    ids: dict[str, str] = {}
    arrows: dict[tuple[str, str], list[str]] = {}

    def box(text: str) -> str:
        return ids.setdefault(text, f"n{len(ids)}")

    for path in trace.paths:
        share = "?" if path.probability is None else f"{100 * path.probability:.0f}%"
        last = box(client)
        for index, hop in enumerate(path.hops):
            here = box(f"{hop.proxy}\n{hop.direction}")
            label = share if index == 0 else path.hops[index - 1].cluster or ""
            arrows.setdefault((last, here), []).append(label)
            last = here
        label = path.hops[-1].cluster or "" if path.hops else share
        arrows.setdefault((last, box(_ending(path))), []).append(label)
    found = [Arrow(a, b, ", ".join(dict.fromkeys(filter(None, labels)))) for (a, b), labels in arrows.items()]
    return {name: text for text, name in ids.items()}, found


def _ending(path: Path) -> str:
    if path.response:
        return f"{path.disposition}\n{path.response.code} {path.response.details}"
    endpoints = path.hops[-1].endpoints if path.hops else ()
    return "\n".join([path.disposition, *(one.pod or one.address for one in (endpoints or ())[:3])])


def _entities(text: str) -> str:
    lines = [safe(line) for line in text.split("\n")]
    return "<br/>".join(line.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;") for line in lines)


def _escaped(text: str) -> str:
    return "\\n".join(safe(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
