"""A shape made ready for checking: its parts are at hand, and what most values are is decided by one comparison."""

from __future__ import annotations

from collections.abc import Mapping

from meshscope.istio.fields.shape import Shape, ShapeTable

_PLAIN: Mapping[str, type] = {"string": str, "boolean": bool, "integer": int}
"""Words of JSON whose values are of one type of Python's in nearly every case."""
_LIMITED = (
    "enum", "pattern", "format", "minimum", "maximum", "min_length", "max_length", "min_items", "max_items", "min_fields",
    "max_fields",
)  # fmt: skip
_FORMS = ("all_of", "any_of", "one_of", "none_of")
_UNSET = ((), "", None)


class Rule:
    """`plain` is the type of which every value is right, None where more than the type counts. `choice` are the fields of
    which an object may have one, where that is all that its forms say.
    """

    __slots__ = (
        "choice", "defaults", "fields", "has_forms", "has_limits", "is_closed", "items", "plain", "shape", "table", "values",
    )  # fmt: skip

    def __init__(self, shape: Shape, table: RuleTable) -> None:
        self.shape, self.table = shape, table
        self.has_limits = any(getattr(shape, name) not in _UNSET for name in _LIMITED)
        self.choice = _choice(shape, table.shapes)
        self.has_forms = not self.choice and any(getattr(shape, name) not in _UNSET for name in _FORMS)
        self.plain = None if self.has_limits or self.has_forms or shape.fields else _PLAIN.get(shape.type)
        self.is_closed = shape.type == "object" and not shape.is_open
        self.fields: dict[str, Rule] = {name: table[number] for name, number in shape.fields.items()}
        self.items = None if shape.items is None else table[shape.items]
        self.values = None if shape.values is None else table[shape.values]
        self.defaults = {
            name: rule.shape.default for name, rule in self.fields.items() if rule.shape.default is not None
        }
        """The fields that the API server adds to an object where they are absent."""

    def forms(self, numbers: tuple[int, ...]) -> list[Rule]:
        return [self.table[number] for number in numbers]


class RuleTable:
    def __init__(self, shapes: ShapeTable) -> None:
        self.shapes = shapes
        self._made: dict[int, Rule] = {}

    def __getitem__(self, number: int) -> Rule:
        rule = self._made.get(number)
        if rule is None:
            rule = self._made[number] = Rule(self.shapes[number], self)
        return rule


def _choice(shape: Shape, table: ShapeTable) -> tuple[str, ...]:
    """Of a oneof in protobuf, which is written as: none of these fields, or just one; () where the forms say more or else."""
    if not shape.one_of or shape.any_of or shape.all_of or shape.none_of is not None:
        return ()
    names: list[str] = []
    forbidden: set[str] = set()
    for form in (table[number] for number in shape.one_of):
        if form == Shape(required=form.required) and len(form.required) == 1:
            names += form.required
        elif form.none_of is not None and form == Shape(none_of=form.none_of):
            forbidden = {name for number in table[form.none_of].any_of for name in table[number].required}
    return tuple(names) if forbidden == set(names) and len(names) + 1 == len(shape.one_of) else ()
