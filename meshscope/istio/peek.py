"""One level of a JSON value at a time, as slices: nothing below it is parsed."""

from __future__ import annotations

import msgspec
from msgspec import Raw

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_ARRAY = msgspec.json.Decoder(list[Raw])


def members_of(value: Raw) -> dict[str, Raw]:
    """The members of an object; none for anything else, a text that does not hold together included."""
    if opener(value) != b"{":
        return {}
    try:
        return _OBJECT.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return {}


def items_of(value: Raw) -> list[Raw]:
    """The items of an array; none for anything else, a text that does not hold together included."""
    if opener(value) != b"[":
        return []
    try:
        return _ARRAY.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return []


def opener(value: Raw | bytes) -> bytes:
    """The first byte, which tells an object, an array and a string apart; b"" for an absent value."""
    return bytes(memoryview(value)[:1])


def is_empty(value: Raw) -> bool:
    """`{}`: old Pilots end their arrays with it, and it says nothing anywhere."""
    return bytes(memoryview(value)[:3]) == b"{}"
