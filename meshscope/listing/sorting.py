"""`--sort-by FIELD`: rows by a field of their JSON, as in kubectl."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import Struct

from meshscope.errors import UsageError

T = TypeVar("T")
_DIGITS = re.compile(r"(\d+)")


def sorted_by(rows: Iterable[T], field: str, kind: type[Struct]) -> Iterable[T]:
    """Rows in the order of a field: `port`, `.port` or `{.port}`. Raises UsageError for one that they do not have."""
    name = field.strip("{}").removeprefix(".").removeprefix("items[*].")
    fields = [known for known in kind.__struct_fields__ if known != "location"]
    if name not in fields:
        from meshscope.nearest import nearest  # only for what was typed wrong

        raise UsageError(f"--sort-by: no field {name!r}{nearest(name, fields)}")
    return sorted(rows, key=lambda row: _key(getattr(row, name)))


def _key(value: Any) -> tuple[Any, ...]:
    """Nothing first, then numbers by size, then text with the numbers in it by size: v2 before v10."""
    if value is None:
        return (0,)
    if isinstance(value, (int, float)):
        return (1, value)
    if isinstance(value, tuple):
        return (3, *map(_key, value))
    parts = filter(None, _DIGITS.split(str(value)))
    return (2, tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts))
