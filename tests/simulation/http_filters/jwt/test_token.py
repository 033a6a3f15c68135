from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.http_filters.jwt.token import BAD_FORM, EXPIRED, NOT_YET_VALID, Token, read_token

texts = st.text(max_size=8)
times = st.integers(0, 2**40)
payloads = st.fixed_dictionaries(
    {},
    optional={
        "iss": texts,
        "sub": texts,
        "jti": texts,
        "exp": times,
        "nbf": times,
        "aud": st.one_of(texts, st.lists(texts, max_size=2)),
        "other": st.one_of(texts, st.booleans(), st.none()),
    },
)


def encode(part: Any) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@given(payloads, st.binary(min_size=1, max_size=16))
def test_a_token_reads_back_as_it_was_encoded(payload: dict[str, Any], signature: bytes) -> None:
    head = f"{encode({'alg': 'RS256', 'kid': 'k'})}.{encode(payload)}"
    token = read_token(f"{head}.{urlsafe_b64encode(signature).decode().rstrip('=')}")
    assert isinstance(token, Token)
    assert (token.payload, token.signed, token.signature) == (payload, head.encode(), signature)
    assert (token.algorithm, token.key_id, token.issuer) == ("RS256", "k", payload.get("iss", ""))


@given(st.text(alphabet="ab=.- @é", max_size=12))
def test_any_other_text_is_a_fault_in_words(text: str) -> None:
    fault = read_token(text)
    assert isinstance(fault, str)
    if len([section for section in text.split(".") if section]) != 3:
        assert fault == BAD_FORM
    else:
        assert fault.startswith("Jwt ")


@pytest.mark.parametrize(
    ("now", "fault"),
    [(939, NOT_YET_VALID), (940, ""), (1500, ""), (2060, ""), (2061, EXPIRED)],
)
def test_a_token_is_valid_from_nbf_to_exp_with_the_skew_on_both_sides(now: int, fault: str) -> None:
    assert Token({"nbf": 1000, "exp": 2000}).time_fault(now, skew=60) == fault


@given(st.floats(0, 2**40))
def test_a_token_without_times_is_always_valid(now: float) -> None:
    assert Token({}).time_fault(now, skew=0) == ""
