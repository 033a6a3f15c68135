from __future__ import annotations

from datetime import UTC, datetime

import pytest

from meshscope.simulation.tls.trust import Presented, Usage, trusted

from ...certificates import Signed, authority, leaf

AT = "2026-06-01T00:00:00Z"
A, B = authority("A"), authority("B")
MIDDLE = authority("middle", A)
PLAIN = authority("plain", known_by_key=False)
OTHER_PLAIN = authority.__wrapped__("plain", known_by_key=False)
"""The same name, another key, and no identifier that would tell."""


def shown(*chain: Signed, usage: Usage = Usage.SERVER) -> Presented:
    return Presented(tuple(one.der for one in chain), usage)


@pytest.mark.parametrize(
    ("chain", "roots", "fits"),
    [
        ((leaf(A, "a"),), (A,), True),
        ((leaf(A, "a"),), (B,), False),
        ((leaf(A, "a"),), (B, A), True),
        ((leaf(A, "a"),), (), False),
        ((leaf(MIDDLE, "a"), MIDDLE), (A,), True),
        ((leaf(MIDDLE, "a"),), (A,), False),
        ((leaf(MIDDLE, "a"),), (MIDDLE,), True),
        ((leaf(MIDDLE, "a"), MIDDLE), (B,), False),
        ((leaf(PLAIN, "a", known_by_key=False),), (PLAIN,), True),
        ((leaf(PLAIN, "a", known_by_key=False),), (OTHER_PLAIN,), False),
    ],
)
def test_a_chain_ends_at_a_root(chain: tuple[Signed, ...], roots: tuple[Signed, ...], *, fits: bool) -> None:
    verdict = trusted(shown(*chain), tuple(root.der for root in roots), AT)
    assert verdict.is_yes is fits
    assert fits or verdict.because == "its issuer is not among the trusted authorities"


@pytest.mark.parametrize(
    ("at", "because"),
    [
        ("2026-06-01T00:00:00Z", ""),
        ("2027-01-01T00:00:00Z", ""),
        ("2027-01-01T01:00:00+01:00", ""),
        ("2027-01-01T00:00:01Z", "it expired at 2027-01-01T00:00:00Z, and the time is 2027-01-01T00:00:01Z"),
        ("2027-01-01T00:00:01-01:00", "it expired at 2027-01-01T00:00:00Z, and the time is 2027-01-01T01:00:01Z"),
        ("2025-12-31T23:59:59Z", "it is valid from 2026-01-01T00:00:00Z only, and the time is 2025-12-31T23:59:59Z"),
        ("", ""),
        ("yesterday", ""),
    ],
)
def test_validity_is_that_of_the_moment_if_it_is_known(at: str, because: str) -> None:
    limited = leaf(A, "a", valid=(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)))
    assert trusted(shown(limited), (A.der,), at).because == because
    assert trusted(shown(limited), (A.der,), at, allow_expired=True).is_yes


@pytest.mark.parametrize(("usage", "fits"), [("", True), ("server", True), ("client", False)])
def test_a_certificate_is_for_what_it_says(usage: str, *, fits: bool) -> None:
    assert trusted(shown(leaf(A, "a", usage=usage)), (A.der,), AT).is_yes is fits


def test_what_does_not_read_is_unknown() -> None:
    assert trusted(Presented((b"0",), Usage.CLIENT), (A.der,), AT).is_unknown


def test_only_an_authority_signs_and_no_deeper_than_it_may() -> None:
    none = authority("middle", A, ca=False)
    assert (
        trusted(shown(leaf(none, "a"), none), (A.der,), AT).because == "its issuer is not among the trusted authorities"
    )
    assert trusted(shown(leaf(none, "a")), (none.der,), AT).is_yes, "what a root says of itself is not asked"
    for length, fits in ((0, False), (1, True)):
        upper = authority("upper", A, path_length=length)
        lower = authority("lower", upper)
        chain = shown(leaf(lower, "a"), lower, upper)
        assert trusted(chain, (A.der,), AT).is_yes is fits
        assert trusted(chain, (upper.der,), AT).is_yes, "as above"


def test_name_constraints_are_unknown_where_everything_else_fits() -> None:
    limited = authority("limited", only="a.example")
    assert trusted(shown(leaf(limited, "a.example")), (limited.der,), AT).is_unknown
    assert trusted(shown(leaf(limited, "a.example")), (A.der,), AT).is_no
