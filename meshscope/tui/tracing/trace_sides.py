"""The right pane of a trace: why of a line, the objects behind it, or what its proxies change in the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.mesh.mesh import Mesh
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.simulation.request import Headers, Request
from meshscope.simulation.trace import Hop, Step, StepKind
from meshscope.tui.cycle import Cycle
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
    """Of each step behind the line what is known to be its own; then of each proxy, once."""
    seen: list[Hop] = []
    for position in view.positions_behind(number):
        hops, step = view.trace.paths[position.path].hops[: position.hop + 1], view.step(position)
        if step is not None:
            before = hops[-2].request_headers if len(hops) > 1 else None
            yield from _of_step(hops[-1], before, step)
    for position in view.positions_behind(number):
        hops = view.trace.paths[position.path].hops[: position.hop + 1]
        if (hop := hops[-1]) in seen:
            continue
        seen.append(hop)
        before = hops[-2].request_headers if len(hops) > 1 else None
        yield Line(("hop", hop.proxy), (Span(hop.proxy, Meaning.PROXY), Span(hop.direction, Meaning.DIM)), apart=True)
        yield from _of_hop(hop, before, view.trace.request)
    if not seen:
        yield _said("a proxy's line, or a line below it, says what the proxy changes")


def _of_hop(hop: Hop, before: Headers | None, request: object) -> Iterator[Line]:
    if hop.request_headers is None:
        yield Line(("unknown", hop.proxy), (Span("the request goes no further, or not as HTTP", Meaning.DIM),), 1)
        return
    lines = [*_rewritten(hop, before), *_headers(hop, before, request), *_tls(hop)]
    yield from lines or [Line(("same", hop.proxy), (Span("nothing is changed", Meaning.DIM),), 1)]


def _of_step(hop: Hop, before: Headers | None, step: Step) -> Iterator[Line]:
    """Host and path are the route's, TLS is the connection's to the endpoint; headers are known of the whole proxy."""
    lines: list[Line] = []
    if step.kind is StepKind.ROUTE and hop.request_headers is not None:
        lines = list(_rewritten(hop, before))
    elif step.kind is StepKind.TLS and step is _upstream_tls(hop):
        lines = list(_tls(hop))
    if lines:
        what = Span(step.kind.replace("_", " "), Meaning.WELL)
        yield Line(("step", hop.proxy, step.kind), (what, Span(step.chosen, Meaning.PROXY)), apart=True)
        yield from lines


def _upstream_tls(hop: Hop) -> Step | None:
    """The step that opens the connection to the endpoint; one before it may have ended the client's TLS."""
    steps = [step for step in hop.steps if step.kind is StepKind.TLS]
    return steps[-1] if hop.tls and steps and steps[-1].chosen == hop.tls.mode else None


def _rewritten(hop: Hop, before: Headers | None) -> Iterator[Line]:
    """What arrives at the first proxy is not in a trace; what a later one gets is what the one before it sends."""
    came = dict(before or ())
    for name, now in hop.rewritten.items():
        was = came.get(f":{name}")
        spans = (*_spans_of(was), Span("→", Meaning.DIM), Span(now, Meaning.VALUE))
        yield Line((hop.proxy, "rewritten", name), spans, 1, name)


def _spans_of(was: str | None) -> tuple[Span, ...]:
    return () if was is None else (Span(was, Meaning.REASON),)


def _headers(hop: Hop, before: Headers | None, request: object) -> Iterator[Line]:
    """Headers of one name are compared together, in their order."""
    given = request.headers if isinstance(request, Request) else ()
    was, now = _by_name(given if before is None else before), _by_name(hop.request_headers or ())
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name), now.get(name)
        if name.startswith(":") or old == new:
            continue
        word = "added" if old is None else "removed" if new is None else "changed"
        spans = [Span(name, Meaning.DIM)]
        if old is not None:
            spans.append(Span(", ".join(old), Meaning.REASON))
        if old is not None and new is not None:
            spans.append(Span("→", Meaning.DIM))
        if new is not None:
            spans.append(Span(", ".join(new), Meaning.VALUE))
        yield Line((hop.proxy, word, name), tuple(spans), 1, word)


def _by_name(headers: Headers) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in headers:
        found[name.lower()] = (*found.get(name.lower(), ()), value)
    return found


def _tls(hop: Hop) -> Iterator[Line]:
    """Mode, SNI and ALPN in the words of the step; without it what the proxy's answer has."""
    if hop.tls is None:
        return
    step, sni = _upstream_tls(hop), f", SNI {hop.tls.sni}" if hop.tls.sni else ""
    words = step.because if step else f"{hop.tls.mode}{sni}"
    yield Line((hop.proxy, "tls"), (Span(words, Meaning.VALUE),), 1, "sent with")
    for san in hop.tls.sans:
        yield Line((hop.proxy, "san", san), (Span(san, Meaning.VALUE),), 1, "to")
