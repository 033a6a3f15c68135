"""Verification of a token's signature against a key set (JWKS) of the configuration, with PyJWT and cryptography.

https://github.com/envoyproxy/envoy/blob/main/source/common/jwt/verify.cc
A key fits if its id equals the token's (where both have one) and its algorithm equals the token's (where the key has one).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from meshscope.simulation.http_filters.jwt.token import Token, read_token
from meshscope.simulation.verdict import YES, Verdict, no, unknown

FAILS = "Jwt verification fails"
NO_KEY_FITS = "Jwks doesn't have key to match kid or alg from Jwt"
NO_VALID_KEY = "Jwks doesn't have any valid public key"
WRONG_LENGTH = "Jwt ED25519 signature is wrong length"
_ED25519_LENGTH = 64
_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "HS": "oct", "Ed": "OKP"}


@lru_cache(maxsize=1024)
def signature_holds(text: str, jwks: str) -> Verdict:
    """Whether a key verifies the token; a no is in Envoy's words. Unknown where PyJWT is not installed."""
    token = read_token(text)
    if isinstance(token, str):
        return no(token)
    keys = _keys(jwks)
    fitting = [key for key in keys if _fits(key, token)]
    if not fitting:
        return no(NO_KEY_FITS if keys else NO_VALID_KEY)
    try:
        from jwt.algorithms import get_default_algorithms  # heavy, and only needed for tokens
    except ImportError:
        return unknown("PyJWT is not installed: signatures are not verified")
    algorithm = get_default_algorithms().get(token.algorithm)
    if algorithm is None:
        return unknown("cryptography is not installed: signatures are not verified")
    return _any_key_verifies(algorithm, fitting, token)


def _any_key_verifies(algorithm: Any, keys: list[dict[str, Any]], token: Token) -> Verdict:
    """An Ed25519 key stops the search with a no where the signature has another length."""
    for key in keys:
        if key["kty"] == "OKP" and len(token.signature) != _ED25519_LENGTH:
            return no(WRONG_LENGTH)
        if _key_verifies(algorithm, key, token):
            return YES
    return no(FAILS)


def _keys(jwks: str) -> list[dict[str, Any]]:
    """The keys of a known type; [] for text that is not a key set."""
    try:
        keys: Any = msgspec.json.decode(jwks, type=dict[str, Any]).get("keys")
    except (msgspec.DecodeError, RecursionError):
        return []
    if not isinstance(keys, list):
        return []
    return [key for key in keys if isinstance(key, dict) and key.get("kty") in _KEY_TYPES.values()]


def _fits(key: dict[str, Any], token: Token) -> bool:
    same_id = not token.key_id or not key.get("kid") or key["kid"] == token.key_id
    return bool(same_id) and key.get("alg", token.algorithm) == token.algorithm


def _key_verifies(algorithm: Any, key: dict[str, Any], token: Token) -> bool:
    if _KEY_TYPES[token.algorithm[:2]] != key["kty"]:
        return False
    try:
        return bool(algorithm.verify(token.signed, algorithm.from_jwk(key), token.signature))
    except Exception:  # PyJWT raises many kinds for a key that it cannot read; such a key verifies no signature
        return False
