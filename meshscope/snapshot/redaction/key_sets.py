"""JSON Web Key Sets: public keys stay, as tokens are checked with them.

Private members of a key are left out. A set with a symmetric key is hidden whole: a check against the rest of it would fail
where the result is unknown.
"""

from __future__ import annotations

from typing import Any

from meshscope.snapshot.redaction.sensitive import PRIVATE_JWK, REDACTED


def is_key_set(value: Any) -> bool:
    keys = value.get("keys") if isinstance(value, dict) else None
    return isinstance(keys, list) and any(isinstance(key, dict) and "kty" in key for key in keys)


def is_symmetric(value: dict[str, Any]) -> bool:
    return any(isinstance(key, dict) and key.get("kty") == "oct" and key.get("k") != REDACTED for key in value["keys"])


def public_key(key: dict[str, Any]) -> dict[str, Any]:
    """One key without its private members; the same object where it has none."""
    if key.get("kty") == "oct":
        return key if key.get("k", REDACTED) == REDACTED else key | {"k": REDACTED}
    if not isinstance(key.get("kty"), str) or not PRIVATE_JWK & key.keys():
        return key
    return {name: value for name, value in key.items() if name not in PRIVATE_JWK}
