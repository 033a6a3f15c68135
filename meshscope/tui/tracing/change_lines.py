"""What a step, or a whole proxy, changes in the request, in lines. No widget in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.render.trace.header_changes import change_lines
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.simulation.trace import HeaderChange, Hop, Step, StepKind


def changes_by(hop: Hop, step: Step) -> tuple[HeaderChange, ...]:
    """Those of the step; of the route that is taken, what the router does as it says."""
    routes = [one for one in hop.steps if one.kind is StepKind.ROUTE]
    if not routes or step is not routes[-1]:
        return step.changes
    return tuple(change for one in hop.steps if one.kind is StepKind.CLUSTER for change in one.changes)


def lines_of_step(hop: Hop, step: Step, changes: tuple[HeaderChange, ...]) -> Iterator[Line]:
    """The step, and what it changes; nothing of one that changes nothing. TLS is the connection's to the endpoint."""
    key = ("step", hop.proxy, step.kind)
    lines = [*change_lines(changes, key, 2), *(_tls(hop, step) if step is upstream_tls(hop) else ())]
    if lines:
        yield Line(key, (Span(step.kind.replace("_", " "), Meaning.WELL), Span(step.chosen, Meaning.PROXY)), 1)
        yield from lines


def lines_of_hop(hop: Hop) -> Iterator[Line]:
    """The proxy, and each of its steps that changes something."""
    yield Line(("hop", hop.proxy), (Span(hop.proxy, Meaning.PROXY), Span(hop.direction, Meaning.DIM)), apart=True)
    lines = [line for step in hop.steps for line in lines_of_step(hop, step, step.changes)]
    if hop.request_headers is None:
        lines.append(_said(hop, "the request goes no further, or not as HTTP"))
    yield from lines or [_said(hop, "nothing is changed")]


def _said(hop: Hop, text: str) -> Line:
    return Line(("said", hop.proxy, text), (Span(text, Meaning.DIM),), 1)


def upstream_tls(hop: Hop) -> Step | None:
    """The step that opens the connection to the endpoint; one before it may have ended the client's TLS."""
    steps = [step for step in hop.steps if step.kind is StepKind.TLS]
    return steps[-1] if hop.tls and steps and steps[-1].chosen == hop.tls.mode else None


def _tls(hop: Hop, step: Step) -> Iterable[Line]:
    """Mode, SNI and ALPN in the words of the step."""
    yield Line((hop.proxy, "tls"), (Span(step.because, Meaning.VALUE),), 2, "sent with")
    for san in hop.tls.sans if hop.tls else ():
        yield Line((hop.proxy, "san", san), (Span(san, Meaning.VALUE),), 2, "to")
