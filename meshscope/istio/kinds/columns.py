"""Columns of `kubectl get`: a name and the path of a value in an object, or a function for what kubectl computes.

Values stay values (a list is a tuple, a number a number); the renderer formats them. Ages are not computed: `created_at`
replaces them.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Raw, Struct

from meshscope.istio.manifest import Object
from meshscope.istio.raw_json import items_of, members_of, opener

ObjectCell = str | int | float | bool | None | tuple[str, ...]


class PrinterColumn(Struct, frozen=True):
    """Each step of `path` is a key, `*` for every item of a list, or `type=Ready` for the item with that member."""

    name: str
    path: tuple[str, ...] = ()
    compute: Callable[[Object], ObjectCell] | None = None

    def cell(self, object_: Object) -> ObjectCell:
        """None if the object lacks the value; a tuple if the path has a `*` or leads to a list."""
        if self.compute:
            return self.compute(object_)
        values = values_at(object_.body, self.path)
        if "*" in self.path:
            return tuple(_text(raw) for raw in values)
        return _cell(values[0]) if values else None


def column(name: str, *path: str) -> PrinterColumn:
    return PrinterColumn(name, path)


def computed(name: str, compute: Callable[[Object], ObjectCell]) -> PrinterColumn:
    return PrinterColumn(name, compute=compute)


def counted(name: str, *path: str) -> PrinterColumn:
    """The number of members of a list or of an object."""

    def compute(object_: Object) -> ObjectCell:
        return sum(len(members_of(raw) or items_of(raw)) for raw in values_at(object_.body, path))

    return PrinterColumn(name, compute=compute)


def ratio(name: str, have: tuple[str, ...], want: tuple[str, ...]) -> PrinterColumn:
    """`2/3`. An absent `have` is 0, because the API server omits zeros; an absent `want` is 1."""

    def compute(object_: Object) -> ObjectCell:
        return f"{_number(object_, have, 0)}/{_number(object_, want, 1)}"

    return PrinterColumn(name, compute=compute)


def _number(object_: Object, path: tuple[str, ...], default: int) -> int:
    cell = PrinterColumn("", path).cell(object_)
    return cell if isinstance(cell, int) else default


_SCALAR = msgspec.json.Decoder(str | int | float | bool | None)


def values_at(body: Raw, path: tuple[str, ...]) -> tuple[Raw, ...]:
    """The slices at a path; empty if there is none."""
    values: tuple[Raw, ...] = (body,)
    for step in path:
        key, is_selector, wanted = step.partition("=")
        if is_selector:
            values = tuple(raw for item in values for raw in items_of(item) if _member(raw, key) == wanted)
        elif step == "*":
            values = tuple(raw for item in values for raw in items_of(item))
        else:
            values = tuple(raw for item in values if (raw := members_of(item).get(step)) is not None)
    return values


def _member(raw: Raw, key: str) -> str:
    value = members_of(raw).get(key)
    return _text(value) if value is not None else ""


def _cell(raw: Raw) -> ObjectCell:
    if opener(raw) == b"[":
        return tuple(_text(item) for item in items_of(raw))
    try:
        scalar: ObjectCell = _SCALAR.decode(raw)
    except msgspec.DecodeError:  # an object, or a number beyond 64 bits
        return _text(raw)
    return scalar


def _text(raw: Raw) -> str:
    """The string itself; any other value as JSON."""
    return str(_SCALAR.decode(raw)) if opener(raw) == b'"' else bytes(raw).decode()
