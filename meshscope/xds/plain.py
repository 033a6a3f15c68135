"""Typed Envoy messages as JSON in v3 spelling, without what they leave at its default."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import fields

from meshscope.xds.message import present


def plain(value: Any) -> Any:
    """Of a message its fields that say something."""
    if isinstance(value, Raw):
        return msgspec.json.decode(value) if present(value) else None
    if isinstance(value, Struct):
        return {
            field.encode_name: plain(member)
            for field in fields(value)
            if (member := getattr(value, field.name)) != field.default and not _is_empty(member)
        }
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()}
    return [plain(member) for member in value] if isinstance(value, (list, tuple)) else value


def _is_empty(value: Any) -> bool:
    return not present(value) if isinstance(value, Raw) else value in (None, (), {})


def written(message: Struct) -> Raw:
    """The same as a slice, as messages keep what is not decoded yet."""
    return Raw(msgspec.json.encode(plain(message)))
