"""Each step tells what it changes; together they make the request that the upstream sees."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.header_changes import changes, told
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Headers, Request
from meshscope.simulation.trace import HeaderChange, Hop, Step, StepKind

from ..mesh.meshes import recorded

BEFORE = HttpRequest(authority="a", path="/a", headers=(("x", "1"), ("y", "2"), ("y", "3")))
Values = dict[str, tuple[str, ...]]


def test_what_stays_is_not_told() -> None:
    assert changes(BEFORE, BEFORE) == ()
    assert changes(BEFORE, HttpRequest(authority="a", path="/a", headers=BEFORE.headers)) == ()


def test_pseudo_headers_come_first_and_values_of_one_name_belong_together() -> None:
    after = HttpRequest(authority=None, path="/b", headers=(("y", "3"), ("z", "4")))
    assert changes(BEFORE, after) == (
        HeaderChange(":authority", ("a",), ()),
        HeaderChange(":path", ("/a",), ("/b",)),
        HeaderChange("x", ("1",), ()),
        HeaderChange("y", ("2", "3"), ("3",)),
        HeaderChange("z", (), ("4",)),
    )


def test_a_hidden_value_is_unknown_once() -> None:
    hidden = HttpRequest(authority="a", path="/a", headers=BEFORE.headers, hidden=frozenset({"x", "token"}))
    assert changes(BEFORE, hidden) == (
        HeaderChange("x", ("1",), (), unknown=True),
        HeaderChange("token", (), (), unknown=True),
    )
    assert changes(hidden, hidden) == ()


def test_changes_are_told_by_the_last_step_of_the_first_kind() -> None:
    one, two = Step(kind=StepKind.ROUTE, chosen="1"), Step(kind=StepKind.ROUTE, chosen="2")
    codec = Step(kind=StepKind.CODEC)
    changed = (HeaderChange("x", (), ("1",)),)
    found = told((one, two, codec), changed, StepKind.TLS, StepKind.ROUTE, StepKind.CODEC)
    assert [step.changes for step in found] == [(), changed, ()]
    assert told((one, codec), changed, StepKind.TLS) == (one, codec)
    assert told((one, codec), (), StepKind.ROUTE) == (one, codec)


@pytest.mark.parametrize(
    ("mesh", "source", "dest"),
    [
        ("bookinfo", "productpage", "http://reviews:9080//reviews/../0"),
        ("bookinfo", "istio-ingressgateway", "http://bookinfo.example.com/productpage"),
        ("website", "istio-ingressgateway", "http://website.example.com/"),
    ],
)
def test_the_steps_of_a_proxy_make_of_what_it_gets_what_it_sends(mesh: str, source: str, dest: str) -> None:
    """The first proxy gets what the client sends, of which the trace has no form of its own."""
    given = (("x-envoy-attempt-count", "9"), ("x-forwarded-for", "1.2.3.4"), ("a", "b"))
    found = trace(recorded(mesh), Request(source=source, dest=dest, headers=given))
    pairs = [pair for path in found.paths for pair in _pairs(path.hops)]
    assert pairs
    for before, hop in pairs:
        assert _after(before, hop) == _values(hop.request_headers or ())
    for hop in (path.hops[0] for path in found.paths if path.hops[0].request_headers):
        after = _after(_values(given), hop)
        sent = _values(hop.request_headers or ())
        assert {name: values for name, values in sent.items() if name[0] != ":"} == {
            name: values for name, values in after.items() if name[0] != ":"
        }


def _pairs(hops: tuple[Hop, ...]) -> Iterator[tuple[Values, Hop]]:
    for one, other in pairwise(hops):
        if one.request_headers is not None and other.request_headers is not None:
            yield _values(one.request_headers), other


def _after(values: Values, hop: Hop) -> Values:
    found = dict(values)
    for change in (change for step in hop.steps for change in step.changes):
        assert found.get(change.name, ()) == change.was or change.name[0] == ":", change
        found[change.name] = change.now
    return {name: values for name, values in found.items() if values}


def _values(headers: Headers) -> Values:
    found: Values = {}
    for name, value in headers:
        found[name] = (*found.get(name, ()), value)
    return found
