"""Which shape an object is held against: the input's own definition, else what comes with the program."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.istio.fields.checking import field_problems
from meshscope.istio.fields.facts import FILES, Facts
from meshscope.istio.fields.openapi import ShapeBuilder
from meshscope.istio.fields.shape import ShapeTable
from meshscope.istio.kinds.resources import RESOURCE_KINDS
from meshscope.istio.manifest import Object

from ..shapes import FACTS, carried, object_of

VIRTUAL_SERVICE = "networking.istio.io/v1/VirtualService"
GONE = {("gateway.networking.k8s.io", "ReferencePolicy"), ("gateway.networking.x-k8s.io", "XListenerSet")}
"""Kinds of earlier releases, which later ones have under other names."""


def definition(properties: Any, kind: str = VIRTUAL_SERVICE, **spec: Any) -> Object:
    """A CustomResourceDefinition with these fields in `spec`."""
    group, version, word = kind.split("/")
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}
    versions = [{"name": version, "schema": {"openAPIV3Schema": schema}}]
    names = {"group": group, "names": {"kind": word}, "versions": versions}
    return object_of("apiextensions.k8s.io/v1/CustomResourceDefinition", spec={**names, **spec})


def whys(facts: Facts, kind: str = VIRTUAL_SERVICE, **spec: Any) -> list[str]:
    return [str(one) for one in field_problems(object_of(kind, spec=spec), facts)]


def test_a_definition_of_the_input_wins() -> None:
    older = Facts([definition({"hosts": {"type": "array", "items": {"type": "string"}}})])
    assert whys(older, hosts=["a"]) == []
    assert whys(older, http=[]) == ["spec.http: unknown field http, which the API server drops; there are hosts"]
    assert whys(FACTS, http=[]) == []
    known = older.shape_of(object_of(VIRTUAL_SERVICE))
    assert known is not None
    assert known.about == "CustomResourceDefinition shop/a"


def test_kinds_of_others_are_known_by_their_definitions() -> None:
    facts = Facts([definition({"size": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}}, "x.io/v1/Thing")])
    assert whys(facts, "x.io/v1/Thing", size=1) == []
    assert whys(facts, "x.io/v1/Thing", size=0) == ["spec.size: must be more than 0, not 0"]
    assert whys(FACTS, "x.io/v1/Thing", sise=1) == []


def test_a_definition_that_says_nothing_leaves_the_own_facts() -> None:
    for silent in (
        definition({}, preserveUnknownFields=True),
        definition({}, versions=[{"name": "v1"}]),
        definition({}, versions=[{"name": "v1", "schema": {"openAPIV3Schema": {"properties": ["no"]}}}]),
        definition({}, versions="x"),
    ):
        assert whys(Facts([silent]), hosts=["a"]) == []
        assert len(whys(Facts([silent]), htp=[])) == 1


def test_the_version_of_the_facts_is_told() -> None:
    known = FACTS.shape_of(object_of(VIRTUAL_SERVICE))
    assert known is not None
    assert known.about == "Istio development line of August 2026"


@pytest.mark.parametrize("file", ["istio.json", "gateway_api.json"])
def test_every_kind_of_the_facts_can_be_asked_for(file: str) -> None:
    for kind in carried(file):
        assert FACTS.shape_of(object_of(kind)) is not None


def test_every_kind_of_these_groups_that_is_listed_has_facts() -> None:
    known = {tuple(kind.split("/")[::2]) for file in set(FILES.values()) for kind in carried(file)}
    listed = {(kind.group, kind.kind) for kind in RESOURCE_KINDS if kind.group in FILES}
    assert len(listed) > 20
    assert listed - known == GONE


# --- what schemas say ----------------------------------------------------------------------------------------------


def told(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with `spec.x` of this schema."""
    return [one.partition(": ")[2] for one in whys(Facts([definition({"x": schema})]), x=value)]


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "why"),
    [
        ({"x-kubernetes-int-or-string": True}, ["80", 80], 1.5, "must be an integer or a string, not 1.5"),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": True}, [0.5], 1, "must be less than 1, not 1"),
        ({"type": "integer", "format": "int32", "minimum": 0}, [2**31 - 1], 2**31,
         "must be at most 2147483647, not 2147483648"),
        ({"type": "string", "maxLength": 2}, ["äö"], "abc", "must have at most 2 characters, not 3"),
        ({"type": "object", "maxProperties": 1, "additionalProperties": True}, [{"a": 1}], {"a": 1, "b": 2},
         "must have at most 1 field, not 2"),
        ({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}, [["a", "b"]], ["a", "a"],
         "a is here a second time"),
        ({"type": "string", "format": "ipv6"}, ["::1"], "1.2.3.4", "1.2.3.4 is no address of the form ipv6"),
        ({"type": "integer", "anyOf": [{"maximum": 1}, {"minimum": 5}]}, [0, 5], 3,
         "fits none of the forms that are allowed"),
        ({"type": "integer", "not": {"enum": [4]}}, [3], 4, "has a form that is not allowed"),
        ({"type": "integer", "oneOf": [{"minimum": 1}, {"minimum": 5}]}, [1], 5,
         "fits several of the forms of which it must have one"),
        ({"type": "string", "pattern": "b+"}, ["abc"], "a", "a does not match the pattern b+"),
    ],
)  # fmt: skip
def test_a_schema_is_held(schema: dict[str, Any], right: list[Any], wrong: Any, why: str) -> None:
    assert [told(schema, value) for value in right] == [[] for _ in right]
    assert told(schema, wrong) == [why]


def test_a_pattern_that_re2_cannot_read_is_passed_over() -> None:
    assert told({"type": "string", "pattern": "a(?=b)"}, "c") == []


def test_an_embedded_object_and_an_open_one_are_left_alone() -> None:
    for open_one in ({"x-kubernetes-embedded-resource": True}, {"x-kubernetes-preserve-unknown-fields": True}):
        assert told({"type": "object", **open_one}, {"any": {"thing": 1}}) == []
    assert len(told({"type": "object"}, {"any": 1})) == 1


def test_equal_shapes_are_one_and_each_is_read_once() -> None:
    builder = ShapeBuilder()
    number = builder.add({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}})
    table = ShapeTable(builder.stored)
    assert len(builder.stored) == 2
    assert set(table[number].fields.values()) == {0}
    assert table[number] is table[number]
