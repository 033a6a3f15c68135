"""JSON decoded and encoded again without loss: keys in their order, numbers as written."""

from __future__ import annotations

from typing import Any

import msgspec

FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Number:
    """A number with a fraction or an exponent: a Python float would change `1.10` and `1e400`."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


_decoder = msgspec.json.Decoder(float_hook=Number)
_encoder = msgspec.json.Encoder(enc_hook=lambda number: msgspec.Raw(number.text.encode()))


def decoded(text: msgspec.Raw | bytes) -> Any:
    """Raises one of FAILURES."""
    return _decoder.decode(text)


def encoded(value: Any) -> bytes:
    return _encoder.encode(value)
