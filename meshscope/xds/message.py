"""What every Envoy message shares: frozen, keyword-only, unknown fields skipped (the raw slice keeps them).

Numbers may arrive as text (protobuf's JSON writes 64-bit integers so) and are read leniently.
"""

from __future__ import annotations

import builtins
import sys
from types import GenericAlias
from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct


class Message(Struct, frozen=True, kw_only=True):
    """Base of the typed messages. Absent fields hold protobuf's defaults; None where absence has a meaning."""

    def __init_subclass__(cls) -> None:
        """Annotations become types: msgspec compiles and evaluates each text, which is most of a type's first reading."""
        super().__init_subclass__()
        known = vars(sys.modules[cls.__module__])
        for name, text in cls.__annotations__.items():
            cls.__annotations__[name] = _type(text, known)


def _type(text: Any, known: dict[str, Any]) -> Any:
    """`X`, `X | None` or `tuple[X, ...]` of a type that is known by now; anything else stays text."""
    if not isinstance(text, str):
        return text
    if (inner := text.removesuffix(" | None")) != text:
        found = _type(inner, known)
        return text if isinstance(found, str) else found | None
    if (inner := text.removeprefix("tuple[").removesuffix(", ...]")) != text:
        found = _type(inner, known)
        return text if isinstance(found, str) else GenericAlias(tuple, (found, ...))
    return known.get(text) or vars(builtins).get(text, text)


class Undecodable(Struct, frozen=True):
    """A message that does not read as its type: the reason, in one line."""

    why: str


T = TypeVar("T")


_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def decode(raw: Raw | bytes, kind: type[T]) -> T | Undecodable:
    """A JSON slice in canonical (snake_case, v3) spelling as a typed message; a failure is a value."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind, strict=False)
    try:
        value: T = decoder.decode(raw)
    except msgspec.ValidationError as error:
        return _second_reading(raw, kind, decoder, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Undecodable(str(error))
    except RecursionError:
        return Undecodable("nested too deeply")
    return value


def _second_reading(raw: Raw | bytes, kind: type[T], decoder: msgspec.json.Decoder[T], why: str) -> T | Undecodable:
    from meshscope.xds.leniency import put_right  # few documents need it

    try:
        better = put_right(raw, kind)
        return Undecodable(why) if better is None else decoder.decode(better)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Undecodable(str(error))
    except RecursionError:
        return Undecodable("nested too deeply")


def present(raw: Raw) -> bool:
    """Whether an optional raw field was there at all."""
    return len(memoryview(raw)) > 0
