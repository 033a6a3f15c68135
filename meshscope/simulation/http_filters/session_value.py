"""What a session's cookie or header says: the address of a host in base64.

https://github.com/envoyproxy/envoy/tree/main/source/extensions/http/stateful_session
A cookie holds a message `{address, expires}` of protobuf, or the address alone. An envelope puts the host's own value of the
header behind the address: `ADDRESS;UV:VALUE`.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode

from msgspec import Struct


class SessionValue(Struct, frozen=True):
    """`expires` counts seconds since 1970, 0: never. `inner` is what an envelope holds, None where there is none."""

    address: str
    expires: int = 0
    inner: str | None = None


def cookie_value(text: str) -> SessionValue | None:
    """None for what names no host."""
    decoded = _decoded(text)
    fields = _fields(decoded)
    found = SessionValue(_text(decoded)) if fields is None else fields
    return found if found.address else None


def header_value(text: str) -> SessionValue | None:
    address = _text(_decoded(text))
    return SessionValue(address) if address else None


def envelope_value(text: str) -> SessionValue | None:
    """None where nothing is enveloped; then the header is the host's own."""
    found = re.fullmatch(r"([^;]*);(?:.*;)?UV:(.*)", text)
    address, inner = (_text(_decoded(part)) for part in found.groups()) if found else ("", "")
    return SessionValue(address, inner=inner) if address and inner else None


def _decoded(text: str) -> bytes:
    """Empty for what is not base64 in its one spelling, with its padding."""
    try:
        found = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if b64encode(found).decode() == text else b""


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _fields(value: bytes) -> SessionValue | None:
    """The fields of the message; None for bytes that are none. https://protobuf.dev/programming-guides/encoding/"""
    address, expires, at = "", 0, 0
    while at < len(value):
        tag, at = _varint(value, at)
        kind = tag & 7
        if tag < 8 or kind not in (0, 1, 2, 5):
            return None
        if kind == 0:
            number, at = _varint(value, at)
            expires = number if tag >> 3 == 2 else expires
            if number < 0:
                return None
            continue
        length = {1: 8, 5: 4}.get(kind, 0)
        if kind == 2:
            length, at = _varint(value, at)
        if length < 0 or at + length > len(value):
            return None
        if tag >> 3 == 1 and kind == 2:
            address = _text(value[at : at + length])
        at += length
    return SessionValue(address, expires)


def _varint(value: bytes, at: int) -> tuple[int, int]:
    """The number and the place after it; -1 where it has no end."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(value):
            break
        byte = value[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & (1 << 64) - 1, at
    return -1, len(value)
