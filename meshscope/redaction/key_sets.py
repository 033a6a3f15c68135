"""Public keys and certificates: the only contents of a data source that may be posted; tokens and peers are checked by them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import Any

from meshscope.redaction.numbers import FAILURES, decoded, encoded
from meshscope.snapshot.sensitive import REDACTED

REDACTED_BASE64 = b64encode(REDACTED.encode()).decode()
REDACTED_HEX = REDACTED.encode().hex()

_PUBLIC = frozenset({
    "kty", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "n", "e", "crv", "x", "y",
})  # fmt: skip
"""https://www.rfc-editor.org/rfc/rfc7517#section-4 and rfc7518#section-6: the members of a key that are not its secret."""
_PEM = re.compile(
    r"\s*(?:-----BEGIN (CERTIFICATE|TRUSTED CERTIFICATE|X509 CRL|PUBLIC KEY|RSA PUBLIC KEY|EC PUBLIC KEY)-----"
    r"[A-Za-z0-9+/=\s]*+-----END \1-----\s*)+"
)


def public_source(text: str) -> str | None:
    """The part of a data source's text that is public: certificates, or a key set without its private members; None for others.

    A set with a symmetric key is hidden whole: a check against the rest of it would fail where the result is unknown.
    """
    if text.lstrip().startswith("{"):
        return _public_key_set(text)
    return text if _PEM.fullmatch(text) else None


def public_bytes(text: str) -> str:
    """The same for bytes in base64."""
    try:
        plain = b64decode(text, validate=True).decode()
    except ValueError:
        return REDACTED_BASE64
    public = public_source(plain)
    if public is None:
        return REDACTED_BASE64
    return text if public == plain else b64encode(public.encode()).decode()


def is_key_set(value: Any) -> bool:
    keys = value.get("keys") if isinstance(value, dict) else None
    return isinstance(keys, list) and any(isinstance(key, dict) and "kty" in key for key in keys)


def _public_key_set(text: str) -> str | None:
    try:
        value = decoded(text.encode("utf-8", "replace"))
    except FAILURES:
        return None
    if not is_key_set(value) or not all(map(_is_key, value["keys"])):
        return None
    keys = [{name: member for name, member in key.items() if name in _PUBLIC} for key in value["keys"]]
    return text if value == {"keys": keys} else encoded({"keys": keys}).decode()


def _is_key(key: Any) -> bool:
    return isinstance(key, dict) and isinstance(key.get("kty"), str) and key["kty"] != "oct"
