"""The second reading of a document that does not read as its type at first: it is put right where that is certain.

One value where a list is expected, a duration as `{seconds, nanos}` and a null are what protobuf's JSON parser forgives, and
Envoy's configuration files rely on it. An enum's value that had no name when the document was written is a number in it.
Unknown fields of a matcher are handed over by name.
https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/json/internal/parser.cc (legacy syntax)
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw
from msgspec import inspect as types

from meshscope.untyped import untyped
from meshscope.xds.marks import ENUM, UNREAD


def put_right(raw: Raw | bytes, kind: Any) -> bytes | None:
    """The JSON in the form in which `kind` reads it; None where nothing of it can be put right."""
    document = untyped(raw)
    reading = _Reading()
    document = reading.value(document, _type_of(kind), [], "")
    return msgspec.json.encode(document) if reading.has_changed else None


@lru_cache(maxsize=256)
def _type_of(kind: Any) -> types.Type:
    return types.type_info(kind)


class _Reading:
    """One walk over a document beside its type."""

    def __init__(self) -> None:
        self.has_changed = False

    def value(self, value: Any, kind: types.Type, unread: list[str], path: str) -> Any:
        """The value as its type wants it. `unread` collects the unknown fields of the matcher around it, `path` leads there."""
        kind = _bare(kind)
        if isinstance(kind, types.StructType):
            return self._message(value, kind, unread, path) if isinstance(value, dict) else value
        if isinstance(kind, types.VarTupleType | types.ListType):
            if isinstance(value, dict | str):
                value, self.has_changed = [value], True
            if isinstance(value, list):
                return [self.value(one, kind.item_type, unread, path) for one in value]
        elif isinstance(kind, types.DictType) and isinstance(value, dict):
            return {key: self.value(one, kind.value_type, unread, path) for key, one in value.items()}
        elif isinstance(kind, types.StrType) and isinstance(value, dict):
            duration = _duration(value)
            self.has_changed |= duration is not None
            return value if duration is None else duration
        elif isinstance(kind, types.Metadata) and type(value) is int:  # an enum; a bool is no number
            self.has_changed = True
            return str(value)
        return value

    def _message(self, value: dict[str, Any], kind: types.StructType, unread: list[str], path: str) -> dict[str, Any]:
        fields = _fields(kind)
        is_matcher = UNREAD in fields
        if is_matcher:
            path = ""
        if (
            is_matcher or not kind.forbid_unknown_fields
        ):  # else a part: its fields count as those of the matcher around it
            unread = []
        read: dict[str, Any] = {}
        for name, member in value.items():
            if member is None:
                self.has_changed = True
            elif name in fields:
                read[name] = self.value(member, fields[name], unread, f"{path}{name}.")
            elif kind.forbid_unknown_fields:
                self.has_changed = True
                unread.append(f"{path}{name}")
            else:
                read[name] = member
        if is_matcher and unread:
            read[UNREAD] = unread
        return read


def _fields(kind: types.StructType) -> dict[str, types.Type]:
    known = _FIELDS.get(kind.cls)
    if known is None:
        known = _FIELDS[kind.cls] = {each.encode_name: each.type for each in kind.fields}
    return known


_FIELDS: dict[type[Any], dict[str, types.Type]] = {}


def _bare(kind: types.Type) -> types.Type:
    """The type without `| None`, and without what says nothing about its form."""
    if isinstance(kind, types.UnionType):
        kinds = [one for one in kind.types if not isinstance(one, types.NoneType)]
        kind = kinds[0] if len(kinds) == 1 else types.AnyType()
    return kind.type if isinstance(kind, types.Metadata) and kind.extra != ENUM else kind


def _duration(value: dict[str, Any]) -> str | None:
    if not value or not value.keys() <= {"seconds", "nanos"}:
        return None
    try:
        seconds, nanos = int(value.get("seconds", 0)), int(value.get("nanos", 0))
    except (TypeError, ValueError):
        return None
    sign = "-" if seconds < 0 or nanos < 0 else ""
    fraction = f".{abs(nanos):09d}".rstrip("0") if nanos else ""
    return f"{sign}{abs(seconds)}{fraction}s"
