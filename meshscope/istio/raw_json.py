"""Slices of JSON, opened one level at a time: nothing below that level is parsed."""

from __future__ import annotations

import msgspec
from msgspec import Raw

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_ARRAY = msgspec.json.Decoder(list[Raw])


def members_of(value: Raw) -> dict[str, Raw]:
    """The members of an object; empty for any other value and for malformed JSON."""
    if opener(value) != b"{":
        return {}
    try:
        return _OBJECT.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return {}


def items_of(value: Raw) -> list[Raw]:
    """The items of an array; empty for any other value and for malformed JSON."""
    if opener(value) != b"[":
        return []
    try:
        return _ARRAY.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return []


def opener(value: Raw | bytes) -> bytes:
    """The first byte, which distinguishes objects, arrays and strings; b"" for an absent value."""
    return bytes(memoryview(value)[:1])


def is_empty(value: Raw) -> bool:
    """Whether the value is `{}`, which old Pilots append to their arrays."""
    return bytes(memoryview(value)[:3]) == b"{}"
