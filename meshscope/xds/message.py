"""What every Envoy message shares: frozen, keyword-only, unknown fields skipped (the raw slice keeps them).

Numbers may arrive as text (protobuf's JSON writes 64-bit integers so) and are read leniently.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct


class Message(Struct, frozen=True, kw_only=True):
    """Base of the typed messages. Absent fields hold protobuf's defaults; None where absence has a meaning."""


class Undecodable(Struct, frozen=True):
    """A message that does not read as its type: the reason, in one line."""

    why: str


T = TypeVar("T")


_MOST_REPAIRS = 16
_DECODERS: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def decode(raw: Raw | bytes, kind: type[T]) -> T | Undecodable:
    """A JSON slice in canonical (snake_case, v3) spelling as a typed message; a failure is a value."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = _DECODERS[kind] = msgspec.json.Decoder(kind, strict=False)
    for _ in range(_MOST_REPAIRS):
        try:
            value: T = decoder.decode(raw)
        except msgspec.ValidationError as error:
            why = str(error)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return Undecodable(str(error))
        except RecursionError:
            return Undecodable("nested too deeply")
        else:
            return value
        from meshscope.xds.leniency import forgiven  # noqa: PLC0415  # only for what is not canonical

        better = forgiven(raw, why)
        if better is None:
            return Undecodable(why)
        raw = better
    return Undecodable(why)


def present(raw: Raw) -> bool:
    """Whether an optional raw field was there at all."""
    return len(memoryview(raw)) > 0
