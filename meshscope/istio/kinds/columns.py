"""Columns of `kubectl get`: a name and the path of a value in an object, or a function for what kubectl computes.

Values stay values (a list is a tuple, a number a number); how they look in a table is for the renderer. Ages are not
computed, `created_at` stands for them.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Raw, Struct

from meshscope.istio.manifest import Object
from meshscope.istio.peek import items_of, members_of, opener

Cell = str | int | float | bool | None | tuple[str, ...]


class Column(Struct, frozen=True):
    """`path` leads into the object: a key, `*` for every item of a list, `type=Ready` for the item with that member."""

    name: str
    path: tuple[str, ...] = ()
    compute: Callable[[Object], Cell] | None = None

    def cell(self, object_: Object) -> Cell:
        """None where the object does not have it; a tuple where the path has a `*` or leads to a list."""
        if self.compute:
            return self.compute(object_)
        found = values_at(object_.body, self.path)
        if "*" in self.path:
            return tuple(_text(raw) for raw in found)
        return _cell(found[0]) if found else None


def column(name: str, *path: str) -> Column:
    return Column(name, path)


def computed(name: str, compute: Callable[[Object], Cell]) -> Column:
    return Column(name, compute=compute)


def counted(name: str, *path: str) -> Column:
    """The number of members of a list or of an object."""

    def compute(object_: Object) -> Cell:
        return sum(len(members_of(raw) or items_of(raw)) for raw in values_at(object_.body, path))

    return Column(name, compute=compute)


def ratio(name: str, have: tuple[str, ...], want: tuple[str, ...]) -> Column:
    """`2/3`; an absent number is 0, as the API server leaves zeros out, and an absent wish is 1."""

    def compute(object_: Object) -> Cell:
        return f"{_number(object_, have, 0)}/{_number(object_, want, 1)}"

    return Column(name, compute=compute)


def _number(object_: Object, path: tuple[str, ...], default: int) -> int:
    cell = Column("", path).cell(object_)
    return cell if isinstance(cell, int) else default


_SCALAR = msgspec.json.Decoder(str | int | float | bool | None)


def values_at(body: Raw, path: tuple[str, ...]) -> tuple[Raw, ...]:
    """The slices to which a path leads; none where it leads nowhere."""
    found: tuple[Raw, ...] = (body,)
    for step in path:
        key, chosen, wanted = step.partition("=")
        if chosen:
            found = tuple(raw for item in found for raw in items_of(item) if _member(raw, key) == wanted)
        elif step == "*":
            found = tuple(raw for item in found for raw in items_of(item))
        else:
            found = tuple(raw for item in found if (raw := members_of(item).get(step)) is not None)
    return found


def _member(raw: Raw, key: str) -> str:
    value = members_of(raw).get(key)
    return _text(value) if value is not None else ""


def _cell(raw: Raw) -> Cell:
    if opener(raw) == b"[":
        return tuple(_text(item) for item in items_of(raw))
    try:
        scalar: Cell = _SCALAR.decode(raw)
    except msgspec.DecodeError:  # an object, or a number beyond 64 bits
        return _text(raw)
    return scalar


def _text(raw: Raw) -> str:
    """A string itself, everything else as its JSON."""
    return str(_SCALAR.decode(raw)) if opener(raw) == b'"' else bytes(raw).decode()
