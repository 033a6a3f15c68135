"""A JSON Web Token as Envoy parses it: three sections, their form, and the registered claims. No signature is verified.

https://github.com/envoyproxy/envoy/tree/main/source/common/jwt  (the source of the statuses)
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

BAD_FORM = "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"
EXPIRED = "Jwt is expired"
NOT_YET_VALID = "Jwt not yet valid"
ALGORITHMS = frozenset(f"{kind}{bits}" for kind in ("ES", "HS", "RS", "PS") for bits in (256, 384, 512)) | {"EdDSA"}


class Token(Struct, frozen=True):
    """`signed` are the bytes that the signature covers. `accepted`: the user states the claims, and there is no text."""

    payload: dict[str, Any]
    header: dict[str, Any] = {}
    signed: bytes = b""
    signature: bytes = b""
    encoded_payload: str = ""
    accepted: bool = False

    @property
    def algorithm(self) -> str:
        return str(self.header.get("alg", ""))

    @property
    def key_id(self) -> str:
        return str(self.header.get("kid", ""))

    @property
    def issuer(self) -> str:
        return str(self.payload.get("iss", ""))

    @property
    def audiences(self) -> tuple[str, ...]:
        audience = self.payload.get("aud", ())
        return (audience,) if isinstance(audience, str) else tuple(audience)

    def time_fault(self, now: float, skew: int) -> str:
        """Why the token is not valid at a time (in seconds since 1970, as `skew` is in seconds); "" if it is valid."""
        if now + skew < self.payload.get("nbf", 0):
            return NOT_YET_VALID
        expires = self.payload.get("exp", 0)
        return EXPIRED if expires and now > expires + skew else ""


@lru_cache(maxsize=1024)
def read_token(text: str) -> Token | str:
    """The token, or Envoy's words for the fault in its form. Empty sections are ignored."""
    sections = [section for section in text.split(".") if section]
    if len(sections) != 3:
        return BAD_FORM
    header = _object(sections[0], "header")
    payload = _object(sections[1], "payload")
    signature = _decode(sections[2])
    fault = header if isinstance(header, str) else _header_fault(header)
    fault = fault or (payload if isinstance(payload, str) else _payload_fault(payload))
    if fault or isinstance(header, str) or isinstance(payload, str) or signature is None:
        return fault or "Jwt signature is an invalid Base64url encoded"
    return Token(payload, header, f"{sections[0]}.{sections[1]}".encode(), signature, sections[1])


def _object(section: str, name: str) -> dict[str, Any] | str:
    text = _decode(section)
    if text is None:
        return f"Jwt {name} is an invalid Base64url encoded"
    try:
        fields: dict[str, Any] = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"Jwt {name} is an invalid JSON"
    return fields


def _decode(section: str) -> bytes | None:
    """None for invalid base64url. Blanks are ignored; padding is absent or complete."""
    text = "".join(section.split())
    bare = text.rstrip("=")
    padding = len(text) - len(bare)
    if not re.fullmatch(r"[A-Za-z0-9_-]*", bare, re.ASCII) or len(bare) % 4 == 1:
        return None
    if padding and (padding > 2 or len(text) % 4):
        return None
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _header_fault(header: dict[str, Any]) -> str:
    if not isinstance(header.get("alg"), str):
        return "Jwt header [alg] field is required and must be a string"
    if header["alg"] not in ALGORITHMS:
        return "Jwt header [alg] is not supported"
    return "" if isinstance(header.get("kid", ""), str) else "Jwt header [kid] field is not a string"


def _payload_fault(payload: dict[str, Any]) -> str:
    for name in ("iss", "sub"):
        if not isinstance(payload.get(name, ""), str):
            return f"Jwt payload [{name}] field is not a string"
    for name in ("iat", "nbf", "exp"):
        value = payload.get(name, 0)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return f"Jwt payload [{name}] field is not an integer"
        if value < 0 or value >= 2**64:
            return f"Jwt payload [{name}] field is not a positive 64 bit integer"
    if not isinstance(payload.get("jti", ""), str):
        return "Jwt payload [jti] field is not a string"
    audience = payload.get("aud", "")
    is_text = isinstance(audience, str)
    is_list = isinstance(audience, list) and all(isinstance(one, str) for one in audience)
    return "" if is_text or is_list else "Jwt payload [aud] field is not a string or string list"
