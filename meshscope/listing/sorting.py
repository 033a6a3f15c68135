"""Rows by a field of their JSON, as `--sort-by` of kubectl sorts them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.listing.natural_order import natural_key
from meshscope.listing.row import NO_VALUES

T = TypeVar("T")


def sorted_by(rows: Iterable[T], field: str, row: type[Struct]) -> list[T]:
    """Rows in the order of a field: `port`, `.port` or `{.port}`. Raises UsageError for a field that they do not have."""
    name = field.strip("{}").removeprefix(".").removeprefix("items[*].")
    fields = [known for known in row.__struct_fields__ if known not in NO_VALUES]
    if name not in fields:
        from meshscope.nearest import nearest  # only for an unknown field

        raise UsageError(f"no field {name!r}{nearest(name, fields)}")
    return sorted(rows, key=lambda row: _key(getattr(row, name)))


def _key(value: Any) -> tuple[Any, ...]:
    """Null first, then numbers by size, then text in natural order, then lists."""
    if value is None:
        return (0,)
    if isinstance(value, (int, float)):
        return (1, value)
    if isinstance(value, tuple):
        return (3, *map(_key, value))
    return (2, natural_key(str(value)))
