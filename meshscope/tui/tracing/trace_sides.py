"""The right pane of a trace: why of a line, the objects behind it, or what its proxies change in the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.mesh.mesh import Mesh
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.simulation.trace import Hop, Step
from meshscope.tui.cycle import Cycle
from meshscope.tui.tracing.change_lines import changes_by, lines_of_hop, lines_of_step
from meshscope.tui.tracing.trace_object import ObjectName, exists, is_of_envoy, names_behind
from meshscope.tui.tracing.trace_view import TraceView


class Side(Cycle):
    """In the order in which a key changes them."""

    WHY = "why"
    OBJECTS = "objects"
    CHANGES = "changes"


def side_lines(mesh: Mesh, view: TraceView, number: int, side: Side) -> tuple[Line, ...]:
    """What a side says of a line of the outline."""
    if side is Side.WHY or not 0 <= number < len(view.lines):
        return view.why(number)
    if side is Side.OBJECTS:
        names = {(name.kind, name.selection): name for name in names_behind(view, number)}
        return tuple(_objects(mesh, names.values()))
    return tuple(_changes(view, number))


def _objects(mesh: Mesh, names: Iterable[ObjectName]) -> Iterator[Line]:
    is_any = False
    for number, name in enumerate(names):
        is_any = True
        spans = [Span(name.selection.name, Meaning.VALUE if is_of_envoy(name) else Meaning.OWNER)]
        if name.selection.proxy:
            spans.append(Span(name.selection.proxy, Meaning.PROXY))
        if not exists(mesh, name):
            spans.append(Span("not in this input", Meaning.REASON))
        yield Line(("object", str(number)), (Span(name.kind, Meaning.DIM), *spans))
    if not is_any:
        yield _said("no object is behind this line")


def _said(text: str) -> Line:
    return Line(("said", text), (Span(text, Meaning.DIM),))


# --- changes -----------------------------------------------------------------------------------------------------------


def _changes(view: TraceView, number: int) -> Iterator[Line]:
    """Of each step behind the line what it changes; then of each proxy, once, all its steps that change something."""
    places = [(view.trace.paths[each.path].hops[each.hop], view.step(each)) for each in view.positions_behind(number)]
    if not places:
        yield _said("a proxy's line, or a line below it, says what the proxy changes")
    own = [line for hop, step in places if step is not None for line in lines_of_step(hop, step, changes_by(hop, step))]
    step = places[0][1] if len(places) == 1 else None
    yield from own or (_unchanged(step) if step else ())
    seen: list[Hop] = []
    for hop, _ in places:
        if hop not in seen:
            seen.append(hop)
            yield from lines_of_hop(hop)


def _unchanged(step: Step) -> Iterator[Line]:
    what = (Span(step.kind.replace("_", " "), Meaning.DIM), Span(step.chosen, Meaning.PROXY))
    yield Line(("step", step.kind), (*what, Span("leaves the request as it is", Meaning.DIM)), 1)
