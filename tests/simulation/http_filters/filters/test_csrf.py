from __future__ import annotations

from typing import Any

import pytest

from ..asking import GRPC, answer, entry, listed, outcomes, request, told

FILTER = listed(
    entry(
        "csrf.v3.CsrfPolicy",
        filter_enabled={"default_value": {"numerator": 100}},
        additional_origins=[{"exact": "add"}],
    )
)
REFUSED = (403, "-", "csrf_origin_mismatch")


@pytest.mark.parametrize(
    ("headers", "authority", "expected"),
    [
        ((), "h.com", REFUSED),
        ((("origin", "http://h.com"),), "h.com", None),
        ((("origin", "http://H.com"),), "h.com", REFUSED),
        ((("origin", "https://h.com:80"),), "h.com", REFUSED),
        ((("origin", "http://h.com:80"),), "h.com:80", None),
        ((("origin", "null"),), "h.com", REFUSED),
        ((("origin", "null"), ("referer", "http://h.com/")), "h.com", REFUSED),
        ((("origin", "h.com"),), "h.com", None),
        ((("origin", "http://user@h.com/p"),), "h.com", None),
        ((("origin", "http://add"),), "h.com", None),
        ((("referer", "http://h.com/p?q"),), "h.com", None),
        ((("origin", "http://x.com"), GRPC), "h.com", (200, "-", "csrf_origin_mismatch")),
    ],
)
def test_a_change_has_to_come_from_the_own_or_an_additional_origin(headers: Any, authority: str, expected: Any) -> None:
    asked = request("/", *headers, method="POST", authority=authority)
    assert told(answer(FILTER, asked)) == expected


def test_a_request_that_changes_nothing_passes() -> None:
    assert answer(FILTER, request(method="GET")) is None


def test_a_share_of_requests_is_two_outcomes() -> None:
    filters = listed(entry("csrf.v3.CsrfPolicy", filter_enabled={"default_value": {"numerator": 30}}))
    assert [one.probability for one in outcomes(filters, request(method="POST"))] == [0.3, 0.7]
