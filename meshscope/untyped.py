"""A JSON value without a type, in a form that every walk over it survives.

Envoy and the API server refuse numbers beyond a double, and JSON nested more than a hundred (Envoy) or ten thousand levels
deep. Here such a number stays the text that it is written as, and what is nested deeper than DEEPEST is one text in its place:
the rest of the object can be shown and searched.
https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/json/internal/lexer.h (`kDefaultDepth`)
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

DEEPEST = 200
"""Levels of objects and lists; a walk takes up to four calls for each, of the thousand that Python has."""
NESTED = "nested too deeply to be shown"
_LONGEST_INTEGER = 4_000


def untyped(raw: msgspec.Raw | bytes | str) -> Any:
    """The value, decoded. Raises msgspec.DecodeError for what is not JSON."""
    text = raw.encode() if isinstance(raw, str) else bytes(raw)
    try:
        value = _decoded(text)
    except RecursionError:
        return _stand_in(text.lstrip()[:1])
    if text.count(b"{") + text.count(b"[") > DEEPEST:
        _cut(value)
    return value


def number(text: str) -> float | str:
    """A number with a fraction or an exponent; its text where it is beyond a double."""
    value = float(text)
    return value if math.isfinite(value) else text


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.ValidationError as error:  # a number that no machine holds
        import json  # few texts have one

        try:
            return json.loads(text, parse_float=number, parse_int=_integer)
        except ValueError:
            raise error from None


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_INTEGER else text


def _cut(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [
            member
            for parent in level
            for member in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(member, (dict, list))
        ]
        if not level:
            return
    for deep in level:
        shown = _stand_in(b"{" if isinstance(deep, dict) else b"[")
        deep.clear()
        deep.update(shown) if isinstance(deep, dict) else deep.extend(shown)


def _stand_in(opener: bytes) -> Any:
    return {"…": NESTED} if opener == b"{" else [NESTED]
