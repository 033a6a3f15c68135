from __future__ import annotations

from meshscope.simulation.request import Request
from meshscope.simulation.trace import StepKind
from meshscope.tui.tracing.trace_sides import Side, side_lines
from meshscope.tui.tracing.trace_view import TraceView, traced

from ...mesh.meshes import recorded, table
from ..rbac import guarded

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


def line_of(view: TraceView, kind: StepKind) -> int:
    steps = ((number, [view.step(each) for each in view.positions_behind(number)]) for number in range(len(view.lines)))
    return next(number for number, found in steps if found and found[0] and found[0].kind is kind)


def test_a_step_says_first_what_it_changes_itself() -> None:
    view = traced(MESH, REQUEST, "", all_steps=True)
    tls = words(view, line_of(view, StepKind.TLS), Side.CHANGES)
    assert tls[0].split() == ["tls", "ISTIO_MUTUAL"]
    assert "ALPN istio" in tls[1]
    assert "SNI outbound_.9080_.v1_.reviews" in tls[1]
    manager = words(view, line_of(view, StepKind.NETWORK_FILTER), Side.CHANGES)
    assert manager[1] == "added  x-forwarded-proto  http"
    listener = words(view, line_of(view, StepKind.LISTENER), Side.CHANGES)
    assert listener[0].endswith("leaves the request as it is")
    assert listener[1].endswith("outbound"), "then its proxy"


def test_the_end_of_the_clients_tls_is_no_change() -> None:
    view = traced(MESH, REQUEST, "", all_steps=True)
    inbound = view.hops[1]
    steps = range(inbound, len(view.lines))
    found = next(n for n in steps if (s := view.step(view.positions_behind(n)[0])) and s.kind is StepKind.TLS)
    assert words(view, found, Side.CHANGES)[0].endswith("leaves the request as it is")


def test_a_route_that_rewrites_says_so_on_its_line_and_in_its_why() -> None:
    table_ = table("t", cluster="shop", prefix_rewrite="/new", host_rewrite_literal="shop")
    view = traced(guarded(table_), Request(source="gate.shop", dest="http://a.example/a"), "")
    found = words(view, line_of(view, StepKind.ROUTE), Side.CHANGES)
    assert found[0].split()[:2] == ["route", "0"]
    assert found[1:3] == ["changed  :authority  a.example  →  shop", "changed  :path  /a  →  /newa"]
    assert "changed  :path  /a  →  /newa" in words(view, line_of(view, StepKind.ROUTE), Side.WHY)
