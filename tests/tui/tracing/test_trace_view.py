"""What the trace screen shows: rows that belong to lines, the steps behind a line, hops and failures."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.trace.contrast import needs
from meshscope.render.trace.line import Line, Meaning
from meshscope.simulation.request import Request
from meshscope.simulation.trace import StepKind
from meshscope.simulation.verdict import Truth
from meshscope.tui.tracing.trace_view import EXAMPLES, TraceView, positions, rows, traced

from ...mesh.meshes import recorded

REQUESTS = {
    "canary": Request(source="productpage", dest="reviews"),
    "denied": Request(source="istio-ingressgateway", dest="http://bookinfo.example.com/nothing"),
    "unknown": Request(source="productpage", dest="nowhere.example:80"),
}


def view(name: str, *, all_steps: bool = False) -> TraceView:
    return traced(recorded("bookinfo"), REQUESTS[name], "", all_steps=all_steps)


def words(lines: tuple[Line, ...]) -> str:
    return "\n".join(line.words for line in lines)


def test_the_canary_split_and_the_route_that_was_not_taken_are_why_of_the_first_line() -> None:
    found = view("canary")
    why = words(found.why(found.start))
    assert "1 canary" in why
    assert "weight 90 of 100" in why
    assert "weight 10 of 100" in why
    assert "needs header end-user exact 'jason'; there is none" in why
    assert "VirtualService default/reviews" in why
    assert why.index("1 canary") < why.index("0.0.0.0_9080")


@pytest.mark.parametrize("name", ["denied", "unknown"])
def test_the_cursor_is_first_at_what_fails_or_is_unknown(name: str) -> None:
    found = view(name)
    steps = [step for position in positions(found.lines[found.start]) if (step := found.step(position))]
    assert steps
    assert steps[0].verdict is not Truth.YES


def test_every_rejected_candidate_is_why_of_a_failure() -> None:
    found = view("denied")
    why = words(found.why(found.start))
    step = next(step for step in map(found.step, positions(found.lines[found.start])) if step)
    assert step.kind is StepKind.ROUTE
    assert len(step.rejected) > 3
    assert all(needs(loser) in why for loser in step.rejected)


def test_what_would_decide_an_unknown_is_spelled_as_what_to_type() -> None:
    found = view("unknown")
    assert "--to IP:PORT" in words(found.why(found.failures[0]))


def test_a_line_below_a_step_has_the_steps_why() -> None:
    found = view("canary", all_steps=True)
    number = next(number for number, line in enumerate(found.lines) if line.label == "not" and line.key[0] == "way")
    above = next(at for at in range(number, -1, -1) if found.lines[at].mark)
    assert found.why(number) == found.why(above)


def test_a_hop_has_all_its_steps_for_why() -> None:
    found = view("canary")
    why = found.why(found.hops[0])
    assert len(why) - 1 == len(found.trace.paths[0].hops[0].steps)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("all_steps", [False, True])
def test_every_line_has_a_why_that_can_be_laid_out(name: str, all_steps: bool) -> None:
    found = view(name, all_steps=all_steps)
    for number in range(len(found.lines)):
        assert rows(found.why(number), 40)
    assert found.why(len(found.lines)) == ()


def test_a_delivered_request_has_no_failure() -> None:
    assert view("canary").failures == ()


def test_all_steps_are_more_lines_of_the_same_trace() -> None:
    found = view("canary")
    more = found.with_steps(all_steps=True)
    assert more.trace is found.trace
    assert len(more.lines) > len(found.lines)
    assert more.with_steps(all_steps=False).lines == found.lines


@given(cells=st.integers(24, 200))
def test_rows_are_those_of_all_lines_in_order_and_fit(cells: int) -> None:
    lines = view("canary").lines
    laid = rows(lines, cells)
    owners = [row.line for row in laid if row.line is not None]
    assert owners == sorted(owners)
    assert set(owners) == set(range(len(lines)))
    deepest = 2 * max(line.depth for line in lines) + 24 + 19
    assert all(len(re.sub(r"\x1b\[[0-9;]*m", "", row.text)) <= max(cells, deepest) for row in laid)


def test_the_examples_are_shown_as_what_they_are() -> None:
    assert "productpage reviews" in words(EXAMPLES)


def test_places_are_named_by_the_end_of_their_path() -> None:
    found = traced(recorded("bookinfo"), Request(source="productpage", dest="reviews"), "", all_steps=True)
    places = [span for line in found.lines for span in line.spans if span.meaning is Meaning.PLACE and not span.joined]
    assert places
    assert all(span.text.startswith("…/") and span.text.count("/") == 2 for span in places)
