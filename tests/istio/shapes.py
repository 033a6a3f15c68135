"""The shapes of kinds for tests: what fits one, and how it compares with a typed message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from msgspec import Raw, Struct

from meshscope.istio.fields.facts import FILES, Facts, FactsFile
from meshscope.istio.fields.limits import limits_passed
from meshscope.istio.fields.rule import Rule
from meshscope.istio.fields.shape import INT_OR_STRING, Shape
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object, read_objects
from meshscope.location import Document

FIELDS = resources.files("meshscope.istio.fields")
FACTS = Facts()
VARIANTS = 12
"""Of complete values: enough for each word of each enum and each member of each oneof."""


def carried(file: str) -> list[str]:
    """`group/version/kind` of every kind in a file of facts."""
    assert file in FILES.values()
    return list(msgspec.json.decode(FIELDS.joinpath(file).read_bytes(), type=FactsFile).kinds)


def object_of(kind: str, **members: Any) -> Object:
    """`kind` as in `carried`."""
    api_version, _, word = kind.rpartition("/")
    body = {"apiVersion": api_version, "kind": word, "metadata": {"name": "a", "namespace": "shop"}, **members}
    (built,), problems = read_objects(Document.of("text", json.dumps(body).encode()))
    assert not problems
    return built


def rule_of(kind: str) -> Rule:
    found = FACTS.shape_of(object_of(kind))
    assert found is not None
    return found.rule


# --- values that fit a shape ---------------------------------------------------------------------------------------

_TEXTS = (
    "a", "a.example", "10s", "b-9", "", "*", "10.0.0.1", "a/b", "/a", "https://a.example", "x.example/y", "System",
    "Hostname", "spiffe://a/b", "0" * 64,
)  # fmt: skip
"""For every pattern and length some of these are right."""


def fitting_texts(shape: Shape) -> list[str]:
    found = [text for text in _TEXTS if not list(limits_passed(text, shape))]
    assert found, shape
    return found


def complete(rule: Rule, variant: int) -> Any:
    """A value with every field, and one item in every array. The variants have different words, numbers and choices."""
    shape = rule.shape
    if shape.enum:
        return shape.enum[variant % len(shape.enum)]
    if shape.type == "array":
        assert rule.items is not None
        return [complete(rule.items, variant + index) for index in range(max(shape.min_items or 1, 1))]
    if shape.type == "object":
        if rule.values:
            return {key: complete(rule.values, variant + index) for index, key in enumerate("pq")}
        if shape.one_of and not rule.choice:
            return {"type": "IPAddress", "value": "10.0.0.1"}
        left_out = {
            name for choice in choices_of(rule) for index, name in enumerate(choice) if index != variant % len(choice)
        }
        return {name: complete(inner, variant) for name, inner in rule.fields.items() if name not in left_out}
    least, most = int(shape.minimum or 0), int(min(shape.maximum or 500, 10**9))
    texts = fitting_texts(shape) if shape.type == "string" else [""]
    return {
        "boolean": variant % 2 == 0,
        "string": texts[variant % len(texts)],
        "integer": (least, most, (least + most) // 2)[variant % 3],
        "number": (most + least) / (variant + 1),
        INT_OR_STRING: (7, "7")[variant % 2],
    }[shape.type]


def choices_of(rule: Rule) -> list[tuple[str, ...]]:
    """The fields of each oneof."""
    return [one for one in (rule.choice, *(form.choice for form in rule.forms(rule.shape.all_of))) if one]


@st.composite
def parts_of(draw: st.DrawFn, rule: Rule) -> Any:
    """Of a complete value some fields: those that are required, and any others."""
    shape = rule.shape
    if shape.type == "array" and rule.items is not None:
        least = shape.min_items or 0
        return [draw(parts_of(rule.items)) for _ in range(draw(st.integers(least, max(least, 1))))]
    if shape.type != "object" or not rule.fields or (shape.one_of and not rule.choice):
        return complete(rule, draw(st.integers(0, 5)))
    allowed = [draw(st.sampled_from(choice)) for choice in choices_of(rule)]
    left_out = {name for choice in choices_of(rule) for name in choice} - set(allowed)
    return {
        name: draw(parts_of(inner))
        for name, inner in rule.fields.items()
        if name not in left_out and (name in shape.required or draw(st.booleans()))
    }


# --- shapes and typed messages -------------------------------------------------------------------------------------


def message_in(annotation: Any) -> type[Struct] | None:
    """The message that a field holds, by itself or in a tuple, a map or beside None."""
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return annotation
    return next(filter(None, map(message_in, get_args(annotation))), None)


def differences(rule: Rule, message: type[Struct], path: str) -> Iterator[str]:
    """Fields that only the shape or only the type has."""
    typed = {field.encode_name: field.type for field in msgspec.structs.fields(message)} if message else {}
    yield from (f"{path}.{name} has no field in {message.__name__}" for name in rule.fields if name not in typed)
    for name, annotation in typed.items():
        inner = rule.fields.get(name)
        if inner is None:
            yield f"{path}.{name} is of {message.__name__} alone"
            continue
        while part := inner.items or inner.values:
            inner = part
        nested = message_in(annotation)
        if nested:
            yield from differences(inner, nested, f"{path}.{name}")
        elif inner.fields:
            yield f"{path}.{name} has no message"


def is_kept(value: Any, typed: Any) -> bool:
    """Whether a typed value has all that a decoded one says."""
    if isinstance(typed, Struct):
        names = {field.encode_name: field.name for field in msgspec.structs.fields(type(typed))}
        return all(is_kept(inner, getattr(typed, names[name])) for name, inner in value.items())
    if isinstance(typed, Raw):
        return bool(msgspec.json.decode(typed) == value)
    if isinstance(typed, Labels):
        return typed == Labels.of(value)
    if isinstance(value, dict):
        return value.keys() == typed.keys() and all(is_kept(inner, typed[name]) for name, inner in value.items())
    if isinstance(value, list):
        return len(value) == len(typed) and all(map(is_kept, value, typed))
    return bool(typed == value)
