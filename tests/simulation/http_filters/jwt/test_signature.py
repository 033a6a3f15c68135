from __future__ import annotations

import json
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from meshscope.simulation.http_filters.jwt.signature import (
    FAILS,
    NO_KEY_FITS,
    NO_VALID_KEY,
    WRONG_LENGTH,
    signature_holds,
)

CURVE, OTHER, EDWARDS = (
    ec.generate_private_key(ec.SECP256R1()),
    ec.generate_private_key(ec.SECP256R1()),
    ed25519.Ed25519PrivateKey.generate(),
)


@cache
def token(kid: str = "", algorithm: str = "ES256") -> str:
    private: Any = EDWARDS if algorithm == "EdDSA" else CURVE
    return jwt.encode({"iss": "i"}, private, algorithm=algorithm, headers={"kid": kid} if kid else None)


def key(private: Any = CURVE, **fields: Any) -> dict[str, Any]:
    kind: Any = OKPAlgorithm if private is EDWARDS else ECAlgorithm
    jwk = json.loads(kind.to_jwk(private.public_key()))
    return {**{name: value for name, value in jwk.items() if name != "key_ops"}, **fields}


def keys(*each: Any) -> str:
    return json.dumps({"keys": list(each)})


def fault(text: str, jwks: str) -> str:
    """A no's words, "" for a yes."""
    verdict = signature_holds(text, jwks)
    assert not verdict.is_unknown
    return verdict.because if verdict.is_no else ""


@pytest.mark.parametrize(
    ("kid", "jwk", "expected"),
    [
        ("", key(), ""),
        ("a", key(), ""),
        ("", key(kid="b"), ""),
        ("a", key(kid="a", alg="ES256"), ""),
        ("a", key(kid="b"), NO_KEY_FITS),
        ("", key(alg="ES384"), NO_KEY_FITS),
        ("", key(OTHER), FAILS),
    ],
)
def test_a_key_fits_by_id_and_algorithm_where_both_have_them(kid: str, jwk: dict[str, Any], expected: str) -> None:
    assert fault(token(kid), keys(jwk)) == expected


def test_the_first_key_that_verifies_counts_wherever_it_is() -> None:
    assert fault(token(), keys(key(OTHER), key(OTHER), key())) == ""
    assert fault(token(), keys(key(), key(OTHER))) == ""


def test_an_ed25519_key_ends_the_search_only_for_a_signature_of_another_length() -> None:
    assert fault(token(algorithm="EdDSA"), keys(key(EDWARDS))) == ""
    head = token().rpartition(".")[0]
    assert fault(f"{head}.c2ln", keys(key(EDWARDS), key())) == WRONG_LENGTH
    assert fault(token(), keys(key(EDWARDS), key())) == ""


@pytest.mark.parametrize("jwks", ["", "{", "[]", "{}", '{"keys": {}}', '{"keys": [1, {}, {"kty": "none"}]}'])
def test_a_text_without_a_key_has_no_valid_key(jwks: str) -> None:
    assert fault(token(), jwks) == NO_VALID_KEY


values = st.one_of(st.none(), st.integers(), st.text(max_size=4), st.lists(st.integers(), max_size=2))


@given(st.sampled_from(("x", "y", "crv")), values)
def test_a_damaged_key_verifies_nothing_and_raises_nothing(field: str, value: Any) -> None:
    assert fault(token(), keys(key(**{field: value}))) == FAILS
