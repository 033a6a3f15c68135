from __future__ import annotations

from base64 import b64encode
from hashlib import sha1

import pytest

from meshscope.simulation.endings import End

from ..walks import access_log, answer, entry, filter_list, outcomes, request, request_after


def hashed(password: str) -> str:
    return "{SHA}" + b64encode(sha1(password.encode(), usedforsecurity=False).digest()).decode()


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


BASIC = filter_list(
    entry(
        "basic_auth.v3.BasicAuth",
        users={"inline_string": f"u:{hashed('p')}\nbob:{hashed('b:c')}"},
        forward_username_header="x-user",
    )
)


@pytest.mark.parametrize(
    ("value", "details"),
    [
        (None, "no_credential_for_basic_auth"),
        ("", "invalid_scheme_for_basic_auth"),
        ("Bearer x", "invalid_scheme_for_basic_auth"),
        ("basic " + basic("u:p")[6:], "invalid_scheme_for_basic_auth"),
        ("Basic !!!", "invalid_format_for_basic_auth"),
        (basic("nocolon"), "invalid_format_for_basic_auth"),
        (basic("u:x"), "invalid_credential_for_basic_auth"),
        (basic("z:p"), "invalid_credential_for_basic_auth"),
        (basic("u:p"), None),
        (basic("bob:b:c"), None),
    ],
)
def test_user_and_password_must_be_among_the_htpasswd_lines(value: str | None, details: str | None) -> None:
    headers = () if value is None else (("authorization", value),)
    assert access_log(answer(BASIC, request("/", *headers))) == (details and (401, "-", details))


def test_the_username_is_forwarded_to_the_upstream() -> None:
    assert request_after(BASIC, request("/", ("authorization", basic("u:p")), ("x-user", "forged"))).values(
        "x-user"
    ) == ("u",)


def test_redacted_users_have_two_outcomes() -> None:
    hidden = filter_list(entry("basic_auth.v3.BasicAuth", users={"inline_string": "[redacted]"}))
    results = outcomes(hidden, request("/", ("authorization", basic("u:p"))))
    assert [(one.probability, isinstance(one.value, End)) for one in results] == [(None, False), (None, True)]
