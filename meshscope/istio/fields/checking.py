"""What of an object the API server would drop or reject, by the shape of its kind.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation and #field-pruning
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.istio.fields.facts import Facts
from meshscope.istio.fields.limits import limits_passed, quoted
from meshscope.istio.fields.rule import Rule
from meshscope.istio.fields.shape import INT_OR_STRING, Shape
from meshscope.istio.manifest import Object
from meshscope.nearest import near_words, nearest
from meshscope.path import Path, path_text
from meshscope.untyped import untyped

OF_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
"""Members that are not checked: without a kind and a name nothing is an object."""
MOST = 100
"""Problems of one object, after which no more are looked for."""


class FieldProblem(Struct, frozen=True):
    """`path` leads to the value in question; where a field is missing, to the object that lacks it.

    `near` is the known word that an unknown one is nearest to, if one is near.
    """

    path: Path
    why: str
    near: str | None = None

    def __str__(self) -> str:
        return f"{path_text(self.path)}: {self.why}"


def field_problems(item: Object, facts: Facts) -> tuple[FieldProblem, ...]:
    """In the order of the text; () for a kind whose shape is unknown."""
    known = facts.shape_of(item)
    if known is None:
        return ()
    body = untyped(item.body)
    checker = _Checker()
    checker.check({name: value for name, value in body.items() if name not in OF_EVERY_OBJECT}, known.rule, ())
    return tuple(checker.problems)


class _Checker:
    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def check(self, value: Any, rule: Rule, path: Path) -> None:
        shape = rule.shape
        if (value is None and shape.nullable) or len(self.problems) >= MOST:
            return
        if shape.type and not _IS[shape.type](value):
            self._add(path, f"must be {_WORDS[shape.type]}, not {_word_of(value)}")
            return
        if isinstance(value, dict):
            value = self._object(value, rule, path)
        elif isinstance(value, list):
            self._array(value, rule, path)
        if rule.has_limits:
            self._limits(value, shape, path)
        if rule.choice:
            self._choice(value, rule.choice, path)
        elif rule.has_forms:
            self._forms(value, rule, path)

    def _add(self, path: Path, why: str, near: str | None = None) -> None:
        self.problems.append(FieldProblem(path, why, near))

    def _limits(self, value: Any, shape: Shape, path: Path) -> None:
        if shape.enum and value not in shape.enum:
            hint, near = _hint(str(value), list(map(str, shape.enum)))
            self._add(path, f"{quoted(str(value))} is no value of this field{hint}", near)
        for why in limits_passed(value, shape):
            self._add(path, why)

    # --- objects and arrays ------------------------------------------------------------------------------------------

    def _object(self, value: dict[str, Any], rule: Rule, path: Path) -> dict[str, Any]:
        """The object as the API server sees it then: with defaults, without the null of a field that cannot be null."""
        fields, values = rule.fields, rule.values
        nulls = []
        for name, member in value.items():
            inner = fields.get(name, values)
            if inner is None:
                if rule.is_closed:
                    self._unknown(name, rule, path)
            elif type(member) is inner.plain:
                continue
            elif member is None and not inner.shape.nullable:
                nulls.append(name)
            else:
                self.check(member, inner, (*path, name))
        if nulls:
            value = {name: member for name, member in value.items() if name not in nulls}
        if rule.defaults:
            value = {**rule.defaults, **value}
        for name in rule.shape.required:
            if name not in value:
                self._add(path, f"{name} is required and missing")
        return value

    def _unknown(self, name: str, rule: Rule, path: Path) -> None:
        if len(self.problems) >= MOST:
            return
        hint, near = _hint(name, list(rule.fields))
        self._add((*path, name), f"unknown field {quoted(name)}, which the API server drops{hint}", near)

    def _array(self, value: list[Any], rule: Rule, path: Path) -> None:
        if rule.items is None:
            return
        plain = rule.items.plain
        for index, member in enumerate(value):
            if type(member) is not plain:
                self.check(member, rule.items, (*path, index))
        if keys := rule.shape.keys:
            self._twice([_keys(member, keys, rule.items.defaults) for member in value], path)
        elif rule.shape.is_set:
            self._twice([f"{member}" for member in value], path)

    def _twice(self, names: list[str], path: Path) -> None:
        seen = {""}
        for index, name in enumerate(names):
            if name in seen and name:
                self._add((*path, index), f"{name} is here a second time")
            seen.add(name)

    # --- forms: oneOf, anyOf, allOf, not ---------------------------------------------------------------------------

    def _choice(self, value: Any, names: tuple[str, ...], path: Path) -> None:
        there = [name for name in names if isinstance(value, dict) and name in value]
        if len(there) > 1:
            self._add(path, f"has {' and '.join(there)}: only one of {', '.join(names)} is allowed")

    def _forms(self, value: Any, rule: Rule, path: Path) -> None:
        shape = rule.shape
        for form in rule.forms(shape.all_of):
            self.check(value, form, path)
        if shape.any_of and not any(_fits(value, form) for form in rule.forms(shape.any_of)):
            self._add(path, "fits none of the forms that are allowed")
        if shape.none_of is not None and _fits(value, rule.table[shape.none_of]):
            self._add(path, "has a form that is not allowed")
        if shape.one_of and (fitting := sum(_fits(value, form) for form in rule.forms(shape.one_of))) != 1:
            self._add(path, f"fits {'several' if fitting else 'none'} of the forms of which it must have one")


def _hint(word: str, known: list[str]) -> tuple[str, str | None]:
    """In words, and the word that is nearest."""
    near = next(iter(near_words(word, known, most=1)), None)
    return f"; did you mean {near}?" if near else nearest(word, known), near


def _fits(value: Any, form: Rule) -> bool:
    inner = _Checker()
    inner.check(value, form, ())
    return not inner.problems


def _keys(member: Any, keys: tuple[str, ...], defaults: Mapping[str, Any]) -> str:
    """`name http`; "" where one of the keys is missing."""
    if not isinstance(member, dict):
        return ""
    values = [member.get(key, defaults.get(key)) for key in keys]
    return "" if None in values else ", ".join(f"{key} {value}" for key, value in zip(keys, values, strict=True))


def _is_integer(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


_IS: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    INT_OR_STRING: lambda value: isinstance(value, str) or _is_integer(value),
}
_WORDS: Mapping[str, str] = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    INT_OR_STRING: "an integer or a string",
}


def _word_of(value: Any) -> str:
    """`the string 80`, `an array`. Words are not quoted: they may be a secret in the wrong place."""
    if isinstance(value, str):
        is_plain = value in ("true", "false") or value.lstrip("-").replace(".", "", 1).isdigit()
        return f"the string {quoted(value)}" if is_plain else "a string"
    if isinstance(value, (dict, list)):
        return _WORDS["object" if isinstance(value, dict) else "array"]
    return msgspec.json.encode(value).decode()
