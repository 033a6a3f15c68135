"""The shape of a value, after Kubernetes' structural schemas, in a table in which equal shapes are one.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, field

from meshscope.typed import Typed

INT_OR_STRING = "int-or-string"


class Shape(Typed, frozen=True, omit_defaults=True):
    """Numbers in `fields`, `items`, `values` and the last four are those of other shapes of the table.

    `type` is a word of JSON, `int-or-string`, or "" for anything. `is_open`: fields without a shape are kept. `keys` are
    those by which the items of an array differ; `is_set`: no item is there twice. `values` is the shape of a map's values.
    """

    type: str = ""
    fields: dict[str, int] = {}
    required: tuple[str, ...] = ()
    items: int | None = None
    values: int | None = None
    default: Any = None
    is_open: bool = False
    nullable: bool = False
    enum: tuple[Any, ...] = ()
    pattern: str = ""
    format: str = ""
    minimum: int | float | None = None
    maximum: int | float | None = None
    excludes_minimum: bool = False
    excludes_maximum: bool = False
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    min_fields: int | None = None
    max_fields: int | None = None
    keys: tuple[str, ...] = ()
    is_set: bool = False
    all_of: tuple[int, ...] = ()
    any_of: tuple[int, ...] = ()
    one_of: tuple[int, ...] = ()
    none_of: int | None = field(default=None, name="not")


_SHAPE = msgspec.json.Decoder(Shape)


class ShapeTable:
    """Shapes by their numbers; each is read when it is first asked for."""

    def __init__(self, shapes: tuple[Raw, ...]) -> None:
        self._stored = shapes
        self._read: dict[int, Shape] = {}

    def __getitem__(self, number: int) -> Shape:
        shape = self._read.get(number)
        if shape is None:
            shape = self._read[number] = _SHAPE.decode(self._stored[number])
        return shape
