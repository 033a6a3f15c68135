"""What every Envoy message shares: frozen, keyword-only, unknown fields skipped (the raw slice keeps them).

Numbers may arrive as text (protobuf's JSON writes 64-bit integers so) and are read leniently.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from meshscope.typed import Typed


class Message(Typed, frozen=True, kw_only=True):
    """Base of the typed messages. Absent fields hold protobuf's defaults; None where absence has a meaning."""


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
