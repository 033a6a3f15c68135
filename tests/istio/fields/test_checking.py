"""Each class of mistake is told at its path and its line; what the API server accepts is no problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from meshscope.istio.fields.checking import MOST, FieldProblem, field_problems
from meshscope.istio.fields.facts import Facts
from meshscope.istio.manifest import Object, read_objects
from meshscope.location import Document
from meshscope.path import Path

from ...recordings import RECORDINGS
from ..documents import DATA
from ..shapes import FACTS, VARIANTS, carried, complete, object_of, parts_of, rule_of

VIRTUAL_SERVICE, HTTP_ROUTE = "networking.istio.io/v1/VirtualService", "gateway.networking.k8s.io/v1/HTTPRoute"
KINDS = [*carried("istio.json"), *carried("gateway_api.json")]


def problems(kind: str, spec: Any) -> tuple[FieldProblem, ...]:
    return field_problems(object_of(kind, spec=spec), FACTS)


def in_route(**route: Any) -> dict[str, Any]:
    return {"hosts": ["a"], "http": [route]}


DESTINATION = {"destination": {"host": "a"}}
GATEWAY = {"gatewayClassName": "istio", "listeners": [{"name": "a", "port": 80, "protocol": "HTTP"}]}
MISTAKES: dict[str, tuple[str, Any, Path, str]] = {
    "unknown field": (
        VIRTUAL_SERVICE, in_route(route=[{**DESTINATION, "weigth": 5}]), ("http", 0, "route", 0, "weigth"),
        "unknown field weigth, which the API server drops; did you mean weight?",
    ),
    "wrong type": (VIRTUAL_SERVICE, in_route(timeout=5), ("http", 0, "timeout"), "must be a string, not 5"),
    "string for a number": (
        VIRTUAL_SERVICE, in_route(route=[{**DESTINATION, "weight": "5"}]), ("http", 0, "route", 0, "weight"),
        "must be an integer, not the string 5",
    ),
    "true for a number": (
        VIRTUAL_SERVICE, in_route(retries={"attempts": True}), ("http", 0, "retries", "attempts"),
        "must be an integer, not true",
    ),
    "object for an array": (VIRTUAL_SERVICE, {"http": {}}, ("http",), "must be an array, not an object"),
    "null in an array": (VIRTUAL_SERVICE, {"hosts": [None]}, ("hosts", 0), "must be a string, not null"),
    "in a map": (
        "networking.istio.io/v1/Gateway", {"selector": {"istio": 1}}, ("selector", "istio"), "must be a string, not 1",
    ),
    "word of no enum": (
        "security.istio.io/v1/PeerAuthentication", {"mtls": {"mode": "STRIKT"}}, ("mtls", "mode"),
        "STRIKT is no value of this field; did you mean STRICT?",
    ),
    "missing field": (VIRTUAL_SERVICE, in_route(route=[{}]), ("http", 0, "route", 0), "destination is required and missing"),
    "pattern": (
        HTTP_ROUTE, {"hostnames": ["A_b"]}, ("hostnames", 0),
        r"A_b does not match the pattern ^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    ),
    "minimum": (
        HTTP_ROUTE, {"rules": [{"backendRefs": [{"name": "a", "port": 0}]}]}, ("rules", 0, "backendRefs", 0, "port"),
        "must be at least 1, not 0",
    ),
    "maximum": (
        HTTP_ROUTE, {"rules": [{"backendRefs": [{"name": "a", "port": 65536}]}]},
        ("rules", 0, "backendRefs", 0, "port"), "must be at most 65535, not 65536",
    ),
    "too short": (
        "gateway.networking.k8s.io/v1/Gateway", {**GATEWAY, "gatewayClassName": ""}, ("gatewayClassName",),
        "must have at least 1 character, not 0",
    ),
    "too long": (
        "gateway.networking.k8s.io/v1/Gateway", {**GATEWAY, "gatewayClassName": "a" * 254}, ("gatewayClassName",),
        "must have at most 253 characters, not 254",
    ),
    "too few": ("networking.istio.io/v1/ServiceEntry", {"hosts": []}, ("hosts",), "must have at least 1 item, not 0"),
    "too many": (HTTP_ROUTE, {"hostnames": ["a"] * 17}, ("hostnames",), "must have at most 16 items, not 17"),
    "two of a oneof": (
        VIRTUAL_SERVICE, in_route(match=[{"uri": {"exact": "/a", "regex": "b"}}]), ("http", 0, "match", 0, "uri"),
        "has exact and regex: only one of exact, prefix, regex is allowed",
    ),
    "two of an inner oneof": (
        "networking.istio.io/v1/DestinationRule",
        {"host": "a", "trafficPolicy": {"loadBalancer": {"consistentHash": {"useSourceIp": True, "httpHeaderName": "x"}}}},
        ("trafficPolicy", "loadBalancer", "consistentHash"),
        "has httpHeaderName and useSourceIp: only one of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName"
        " is allowed",
    ),
    "none of the forms": (
        "gateway.networking.k8s.io/v1/Gateway", {**GATEWAY, "addresses": [{"value": "a.example"}]}, ("addresses", 0),
        "fits none of the forms of which it must have one",
    ),
    "a key twice": (
        "networking.istio.io/v1/ServiceEntry",
        {"hosts": ["a"], "ports": [{"name": "a", "number": 80}, {"name": "b", "number": 81}, {"name": "a", "number": 82}]},
        ("ports", 2), "name a is here a second time",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_at_its_path(mistake: str) -> None:
    kind, spec, path, why = MISTAKES[mistake]
    assert [(one.path, one.why) for one in problems(kind, spec)] == [(("spec", *path), why)]


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_has_a_line(mistake: str, *, as_json: bool) -> None:
    kind, spec, _, _ = MISTAKES[mistake]
    body = msgspec.json.decode(object_of(kind, spec=spec).body)
    text = msgspec.json.format(msgspec.json.encode(body)).decode() if as_json else yaml.safe_dump(body)
    (item,), _ = read_objects(Document.of("text", text.encode()))
    (problem,) = field_problems(item, FACTS)
    place = item.location.below(problem.path).place()
    assert place.line is not None
    last = problem.path[-1]
    line = text.splitlines()[place.line - 1]
    assert str(last) in line if isinstance(last, str) else line.lstrip().startswith(("- ", "{", '"', "null"))


NEAR_MISSES: dict[str, tuple[str, Any]] = {
    "null is absent": (VIRTUAL_SERVICE, in_route(timeout=None, route=[{**DESTINATION, "headers": None}])),
    "null of a field that may be null": (VIRTUAL_SERVICE, in_route(corsPolicy={"allowCredentials": None})),
    "none of a oneof": (VIRTUAL_SERVICE, in_route(match=[{"uri": {}}])),
    "null beside the one of a oneof": (VIRTUAL_SERVICE, in_route(match=[{"uri": {"exact": "/a", "prefix": None}}])),
    "a whole number with a point": (VIRTUAL_SERVICE, in_route(retries={"attempts": 3.0})),
    "any word in a map": (VIRTUAL_SERVICE, in_route(match=[{"headers": {"x-uesr": {"exact": "a"}}}])),
    "free form": (
        "networking.istio.io/v1alpha3/EnvoyFilter",
        {"configPatches": [{"applyTo": "CLUSTER", "patch": {"operation": "MERGE", "value": {"any": [{"thing": None}]}}}]},
    ),
    "the limits themselves": (
        HTTP_ROUTE, {"rules": [{"backendRefs": [{"name": "a", "port": 65535}, {"name": "b", "port": 1}]}]},
    ),
    "a default decides the form": ("gateway.networking.k8s.io/v1/Gateway", {**GATEWAY, "addresses": [{"value": "::1"}]}),
    "another form": (
        "gateway.networking.k8s.io/v1/Gateway", {**GATEWAY, "addresses": [{"type": "Hostname", "value": "a.example"}]},
    ),
    "the same value under another key": (
        "networking.istio.io/v1/ServiceEntry",
        {"hosts": ["a"], "ports": [{"name": "a", "number": 80}, {"name": "b", "number": 80}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("miss", NEAR_MISSES)
def test_what_only_looks_like_a_mistake_is_none(miss: str) -> None:
    assert problems(*NEAR_MISSES[miss]) == ()


def test_near_is_the_word_that_was_meant() -> None:
    (unknown,) = problems(VIRTUAL_SERVICE, {"htttp": []})
    (strange,) = problems(VIRTUAL_SERVICE, {"qqqqq": []})
    (enum,) = problems("security.istio.io/v1/AuthorizationPolicy", {"action": "ALOW"})
    assert (unknown.near, strange.near, enum.near) == ("http", None, "ALLOW")
    assert str(unknown) == "spec.htttp: unknown field htttp, which the API server drops; did you mean http?"


def test_a_long_text_is_cut_and_words_in_the_wrong_place_are_not_quoted() -> None:
    (unknown,) = problems(VIRTUAL_SERVICE, {"x" * 900: 1})
    (typed,) = problems(VIRTUAL_SERVICE, {"hosts": "s3cret"})
    assert len(unknown.why) < 200
    assert typed.why == "must be an array, not a string"


def test_a_status_keeps_what_its_shape_does_not_have() -> None:
    item = object_of(VIRTUAL_SERVICE, spec={}, status={"addresses": [], "conditions": [{"typ": "x"}]})
    assert [one.path for one in field_problems(item, FACTS)] == [("status", "conditions", 0, "typ")]


def test_members_beside_spec_and_status_are_unknown_and_metadata_is_not_looked_at() -> None:
    item = object_of(VIRTUAL_SERVICE, spec={}, http=[])
    assert [one.path for one in field_problems(item, FACTS)] == [("http",)]


def test_an_object_without_the_spec_that_it_needs() -> None:
    (problem,) = field_problems(object_of("networking.istio.io/v1/ServiceEntry"), FACTS)
    assert (problem.path, problem.why) == ((), "spec is required and missing")


def test_of_very_many_problems_the_first_are_told() -> None:
    assert len(problems(VIRTUAL_SERVICE, {f"a{number}": 1 for number in range(MOST * 2)})) == MOST


def test_kinds_of_kubernetes_and_versions_that_nobody_knows_are_not_judged() -> None:
    for kind in ("v1/Service", "networking.istio.io/v9/VirtualService", "example.com/v1/VirtualService"):
        assert field_problems(object_of(kind, speck={}), FACTS) == ()


def test_a_number_that_no_machine_holds_is_no_crash() -> None:
    text = b'{"apiVersion":"networking.istio.io/v1","kind":"VirtualService","metadata":{"name":"a"},"spec":{"a":1e999}}'
    (item,), _ = read_objects(Document.of("text", text))
    assert [problem.path for problem in field_problems(item, FACTS)] == [("spec", "a")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_complete_object_has_no_problem(kind: str) -> None:
    for variant in range(VARIANTS):
        assert field_problems(object_of(kind, **complete(rule_of(kind), variant)), FACTS) == ()


@settings(max_examples=8, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("kind", [VIRTUAL_SERVICE, HTTP_ROUTE, "security.istio.io/v1/AuthorizationPolicy"])
def test_whatever_has_what_is_required_has_no_problem(kind: str, data: st.DataObject) -> None:
    assert field_problems(object_of(kind, **data.draw(parts_of(rule_of(kind)))), FACTS) == ()


def recorded() -> Iterator[Object]:
    for folder in (RECORDINGS, DATA, DATA.parent / "kubernetes"):
        for file in sorted(folder.rglob("manifests/*.yaml")):
            yield from read_objects(Document.of(file.name, file.read_bytes()))[0]


def test_recorded_manifests_have_no_problem() -> None:
    known = [item for item in recorded() if Facts().shape_of(item)]
    assert len(known) > 30
    assert [(str(item), str(one)) for item in known for one in field_problems(item, FACTS)] == []
