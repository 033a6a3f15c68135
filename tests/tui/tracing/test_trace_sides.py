from __future__ import annotations

from meshscope.simulation.request import Request
from meshscope.tui.tracing.trace_sides import Side, side_lines
from meshscope.tui.tracing.trace_view import TraceView, traced

from ...mesh.meshes import recorded

MESH = recorded("bookinfo")
REQUEST = Request(source="productpage", dest="reviews", headers=(("x-envoy-attempt-count", "9"), ("a", "b")))
VIEW = traced(MESH, REQUEST, "")


def words(view: TraceView, number: int, side: Side) -> list[str]:
    return [line.words for line in side_lines(MESH, view, number, side)]


def test_the_changes_of_the_first_proxy_are_told_from_what_was_sent() -> None:
    found = words(VIEW, VIEW.hops[0], Side.CHANGES)
    assert found[0].endswith("outbound")
    assert any("added" in line and "x-envoy-expected-rq-timeout-ms" in line for line in found)
    assert not any("  a  " in line for line in found), "what stays is not told"
    assert any(line.startswith("sent with") and "ISTIO_MUTUAL" in line for line in found)


def test_the_changes_of_a_later_proxy_are_told_from_what_the_one_before_it_sends() -> None:
    found = words(VIEW, VIEW.hops[1], Side.CHANGES)
    assert any("removed" in line and "x-envoy-expected-rq-timeout-ms" in line for line in found)
    assert any("added" in line and "x-forwarded-client-cert" in line for line in found)


def test_the_objects_behind_a_line_are_its_owner_and_envoys_own() -> None:
    found = words(VIEW, VIEW.start, Side.OBJECTS)
    assert any("virtualservice" in line and "reviews.default" in line for line in found)
    assert any(line.startswith("routes") for line in found)
    assert not any("not in this input" in line for line in found)


def test_why_is_as_it_was_and_a_line_without_a_proxy_says_where_to_look() -> None:
    assert side_lines(MESH, VIEW, VIEW.start, Side.WHY) == VIEW.why(VIEW.start)
    assert side_lines(MESH, VIEW, 10_000, Side.CHANGES) == ()
    assert [side.next for side in Side] == [Side.OBJECTS, Side.CHANGES, Side.WHY]


def test_a_request_that_ends_in_a_proxy_changes_nothing_that_is_told() -> None:
    view = traced(MESH, Request(source="istio-ingressgateway", dest="http://bookinfo.example.com/nothing"), "")
    found = words(view, view.hops[0], Side.CHANGES)
    assert any("goes no further" in line for line in found)
