from __future__ import annotations

from typing import Any

import pytest

from ..walks import GRPC, access_log, answer, entry, filter_list, outcomes, request

FILTER = filter_list(
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
def test_the_origin_of_a_modifying_request_must_be_its_own_host_or_an_additional_one(
    headers: Any, authority: str, expected: Any
) -> None:
    client_request = request("/", *headers, method="POST", authority=authority)
    assert access_log(answer(FILTER, client_request)) == expected


def test_a_request_that_modifies_nothing_passes() -> None:
    assert answer(FILTER, request(method="GET")) is None


def test_a_share_of_requests_has_two_outcomes() -> None:
    filters = filter_list(entry("csrf.v3.CsrfPolicy", filter_enabled={"default_value": {"numerator": 30}}))
    assert [one.probability for one in outcomes(filters, request(method="POST"))] == [0.3, 0.7]
