"""What is different between two outlines of the same request, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from meshscope.render.painting import GREEN, RED, painted
from meshscope.render.trace.line import Line, Span
from meshscope.render.trace.painter import Painter

GONE, NEW = "- ", "+ "


def changes(before: Sequence[Line], now: Sequence[Line], painter: Painter) -> Iterator[str]:
    """A line that changed is there as it was and as it is, in the order now; lines that are gone come last.

    Lines are the same by their keys, so that one that moved or is wrapped in another way has not changed.
    """
    old, new = ({line.key: line for line in lines} for lines in (before, now))
    room = None if painter.cells is None else painter.cells - len(GONE)
    narrower = replace(painter, colour=False, cells=room)

    def marked(mark: str, style: str, line: Line) -> Iterator[str]:
        for row in narrower.line(line):
            yield painted(mark + row, style, colour=painter.colour)

    for key, line in new.items():
        was = old.get(key)
        if was is not None and was.words == line.words:
            continue
        if was is not None:
            yield from marked(GONE, RED, was)
        yield from marked(NEW, GREEN, line)
    for key, line in old.items():
        if key not in new:
            yield from marked(GONE, RED, line)


def without_places(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines to keep: places would keep the documents of their mesh in memory."""

    def plain(spans: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(replace(span, location=None) for span in spans)

    return tuple(replace(line, spans=plain(line.spans), tail=plain(line.tail)) for line in lines)
