"""What the trace screen shows: the outline of a trace, its rows in a width, and why of each line. No widget in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from meshscope.mesh.mesh import Mesh
from meshscope.render.trace.every_step import loser_lines, owner_spans, place_spans, step_lines
from meshscope.render.trace.header_changes import change_lines
from meshscope.render.trace.line import Line, Meaning, Position, Span
from meshscope.render.trace.outline import outline
from meshscope.render.trace.painter import Painter
from meshscope.render.trace.spelling import Spelling
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Step, StepKind, Trace
from meshscope.simulation.verdict import Truth
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.tracing.change_lines import changes_by
from meshscope.tui.tracing.request_line import hint_text
from meshscope.tui.tracing.trace_folds import Key, branch_end, without_folded

SPELLING = Spelling(hint_text, "w", "meshscope trace --max-paths")
DOCUMENT_PARTS = 2
"""The last folder and the name."""
EXAMPLES = (
    Line(("example", "0"), (Span("Type who sends and where to, as for meshscope trace:", Meaning.VALUE),)),
    Line(("example", "1"), (Span("productpage reviews", Meaning.HINT),), 1, apart=True),
    Line(("example", "2"), (Span("productpage http://reviews:9080/ -H 'end-user: jason'", Meaning.HINT),), 1),
    Line(("example", "3"), (Span("istio-ingressgateway https://shop.example.com/cart -X POST", Meaning.HINT),), 1),
    Line(
        ("example", "4"), (Span("The answer changes as you type; the right arrow completes.", Meaning.DIM),), apart=True
    ),
)
"""Shown before the first answer."""
_CHOICES = (StepKind.VIRTUAL_HOST, StepKind.ROUTE, StepKind.WEIGHT, StepKind.CLUSTER, StepKind.ENDPOINT)
"""The kinds of steps that say most of where a request goes."""


_REASONS = ("because", "has")
"""Labels of the lines that decide: a reason in words, or what the request has, above what was wanted."""


class TraceView(Struct, frozen=True):
    """`lines` are those of the outline that are seen; the cursor stands on one of them. `folded` are keys of lines."""

    trace: Trace
    lines: tuple[Line, ...]
    all_steps: bool = False
    folded: frozenset[Key] = frozenset()

    def with_steps(self, *, all_steps: bool) -> TraceView:
        return view_of(self.trace, all_steps=all_steps, folded=self.folded)

    def toggled(self, number: int) -> TraceView | None:
        """With the branch of a line folded or opened; None where the line has none."""
        key = self.lines[number].key
        if key not in self.folded and branch_end(self.lines, number) == number + 1:
            return None
        return view_of(self.trace, all_steps=self.all_steps, folded=self.folded ^ {key})

    @property
    def start(self) -> int:
        """Where the cursor is first: at what fails, else at the first choice of a route or of a cluster."""
        if (failures := self.failures) and len(failures) < len(self.lines):
            return failures[0]
        for kind in (StepKind.ROUTE, StepKind.CLUSTER):
            for number, line in enumerate(self.lines):
                if any(step.kind is kind for step in map(self.step, positions(line)) if step):
                    return number
        return 0

    @property
    def hops(self) -> tuple[int, ...]:
        """The lines at which a hop begins."""
        return tuple(number for number, line in enumerate(self.lines) if line.key[0] == "hop")

    @property
    def failures(self) -> tuple[int, ...]:
        """The lines that say why a request fails or what is unknown, and the steps that do so."""
        return tuple(number for number, line in enumerate(self.lines) if self._is_failure(line))

    def _is_failure(self, line: Line) -> bool:
        if line.mark in (Meaning.FAILED, Meaning.UNKNOWN):
            return True
        return line.key[0] == "why" and line.label in _REASONS

    def step(self, position: Position) -> Step | None:
        hop = self.trace.paths[position.path].hops[position.hop]
        return None if position.step is None else hop.steps[position.step]

    def line_like(self, key: tuple[str, ...]) -> int | None:
        """The line with the key, so that a cursor stays when the request changes."""
        return next((number for number, line in enumerate(self.lines) if line.key == key), None)

    def following(self, lines: tuple[int, ...], line: int, direction: int) -> int:
        """The next of some lines behind (1) or before (-1) another one; at the last one it begins again."""
        there = [each for each in lines if (each - line) * direction > 0] or list(lines)
        return (min(there) if direction > 0 else max(there)) if there else line

    # --- why -----------------------------------------------------------------------------------------------------------

    def why(self, number: int) -> tuple[Line, ...]:
        """The steps behind a line in full: what is chosen and why, each candidate that lost, the object, the place."""
        if not 0 <= number < len(self.lines):
            return ()
        found = self.positions_behind(number)
        if any(position.step is not None for position in found):
            return tuple(chain.from_iterable(map(self._full, found)))
        if found and self.lines[number].key[0] in ("hop", "why"):
            return tuple(self._hop(found[0]))
        return tuple(self._ways(sorted({position.path for position in found})))

    def positions_behind(self, number: int) -> tuple[Position, ...]:
        """Those of the line, what fails or chooses first; a loser, an owner or a place belongs to a line above it."""
        line = self.lines[number]
        own = positions(line)
        while not own and number > 0 and line.label not in ("", "assuming", "missing") and line.depth > 1:
            number -= 1
            own = positions(self.lines[number])
        return tuple(sorted(own, key=self._rank))

    def _rank(self, position: Position) -> int:
        step = self.step(position)
        if step is None:
            return 3
        if step.verdict is not Truth.YES:
            return 0
        return 1 if step.kind in (StepKind.ROUTE, StepKind.WEIGHT) else 2

    def _full(self, position: Position) -> Iterator[Line]:
        step = self.step(position)
        if step is None:
            return
        key = (str(position.path), str(position.hop), str(position.step))
        kind = step.kind.replace("_", " ")
        verdict = {Truth.YES: Meaning.WELL, Truth.NO: Meaning.FAILED, Truth.UNKNOWN: Meaning.UNKNOWN}[step.verdict]
        yield Line((*key, "step"), (Span(kind, verdict), Span(step.chosen, Meaning.PROXY)), apart=True)
        if step.because:
            meaning = Meaning.VALUE if step.verdict is Truth.YES else Meaning.REASON
            yield Line((*key, "because"), (Span(step.because, meaning),), 1)
        yield from self._split(position, key)
        if step.hint:
            yield Line((*key, "pass"), (Span(hint_text(step.hint), Meaning.HINT),), 1, "type")
        yield from loser_lines(step.rejected, key, 1)
        if step.owner:
            yield Line((*key, "by"), owner_spans(step), 1, "by")
        if step.location:
            yield Line((*key, "at"), tuple(map(brief, place_spans(step.location))), 1, "at")
        yield from change_lines(changes_by(self.trace.paths[position.path].hops[position.hop], step), key, 1)

    def _split(self, position: Position, key: tuple[str, ...]) -> Iterator[Line]:
        """After a route, the clusters among which it splits what it gets."""
        step = self.step(position)
        if step is None or step.kind is not StepKind.ROUTE:
            return
        weights: dict[str, Step] = {}
        for path in self.trace.paths:
            if position.hop < len(path.hops):
                found = (one for one in path.hops[position.hop].steps if one.kind is StepKind.WEIGHT)
                weights.update((one.chosen, one) for one in found)
        for weight in weights.values():
            spans = (Span(weight.because, Meaning.REASON), Span(weight.chosen, Meaning.VALUE))
            yield Line((*key, "split", weight.chosen), spans, 1, "split")

    def _hop(self, position: Position) -> Iterator[Line]:
        """All steps of a hop, a line each."""
        hop = self.trace.paths[position.path].hops[position.hop]
        yield Line(("hop",), (Span(hop.proxy, Meaning.PROXY), Span(hop.direction, Meaning.DIM)))
        for number, step in enumerate(hop.steps):
            where = replace(position, step=number)
            yield next(step_lines(step, where, ("step", str(number)), 0, SPELLING))

    def _ways(self, paths: Iterable[int]) -> Iterator[Line]:
        """Of some paths, of all without any, the choices that make them."""
        for number in paths or range(len(self.trace.paths)):
            path = self.trace.paths[number]
            for at, hop in enumerate(path.hops):
                yield Line(
                    ("hop", str(number), str(at)),
                    (Span(hop.proxy, Meaning.PROXY), Span(hop.direction, Meaning.DIM)),
                    apart=True,
                )
                for index, step in enumerate(hop.steps):
                    if step.kind in _CHOICES or step.verdict is not Truth.YES:
                        yield next(step_lines(step, Position(number, at, index), ("step",), 0, SPELLING))


class Row(Struct, frozen=True):
    """A row on the screen, with ANSI colours; `line` is the index of its line, None for a gap."""

    text: str
    line: int | None


def words(lines: Iterable[Line]) -> tuple[str, ...]:
    """What lines say. By it answers of different meshes are compared: their places are in other documents."""
    return tuple(line.words for line in lines)


def view_of(found: Trace, *, all_steps: bool = False, folded: frozenset[Key] = frozenset()) -> TraceView:
    lines = tuple(map(_with_brief_places, outline(found, all_steps=all_steps, spelling=SPELLING)))
    return TraceView(found, without_folded(lines, folded), all_steps, folded)


def traced(
    mesh: Mesh, request: Request, at: str, *, all_steps: bool = False, folded: frozenset[Key] = frozenset()
) -> TraceView:
    """Raises UsageError for a request that names something that does not exist."""
    with kept_from_collector():
        return view_of(trace(mesh, request, at=at), all_steps=all_steps, folded=folded)


def rows(lines: Iterable[Line], cells: int) -> tuple[Row, ...]:
    painter = Painter(colour=True, cells=cells)
    found: list[Row] = []
    for number, line in enumerate(lines):
        if line.apart and found:
            found.append(Row("", None))
        found += [Row(text, number) for text in painter.line(line)]
    return tuple(found)


def _with_brief_places(line: Line) -> Line:
    if not any(span.meaning is Meaning.PLACE for span in line.spans):
        return line
    return replace(line, spans=tuple(brief(span) if span.meaning is Meaning.PLACE else span for span in line.spans))


def brief(place: Span) -> Span:
    """Of a path to a document, the end that tells it from others."""
    parts = place.text.split("/")
    if place.joined or len(parts) <= DOCUMENT_PARTS:
        return place
    return replace(place, text="/".join(("…", *parts[-DOCUMENT_PARTS:])))


def positions(line: Line) -> tuple[Position, ...]:
    return tuple(dict.fromkeys(span.position for span in (*line.spans, *line.tail) if span.position))
