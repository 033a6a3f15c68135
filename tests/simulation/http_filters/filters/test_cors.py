from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from meshscope.simulation.http_filters.filter import NO_SCOPE
from meshscope.xds.cors import CorsPolicy
from meshscope.xds.matcher import StringMatcher
from meshscope.xds.route import VirtualHost

from ..walks import GRPC, access_log, answer, context, entry, filter_list, outcomes, request, scope, typed

FILTER = filter_list(entry("cors.v3.Cors"))
FROM_A = ("origin", "https://a.example")
ASKS = ("access-control-request-method", "PUT")
ANSWERED = (200, "-", "cors_response")


def policy(**config: Any) -> dict[str, Any]:
    return typed("cors.v3.CorsPolicy", **{"allow_origin_string_match": [{"exact": FROM_A[1]}], **config})


def preflight(*headers: tuple[str, str], method: str = "OPTIONS") -> Any:
    return request("/", *headers, method=method)


@pytest.mark.parametrize(
    ("client_request", "expected"),
    [
        (preflight(FROM_A, ASKS), ANSWERED),
        (preflight(FROM_A, ASKS, GRPC), ANSWERED),
        (preflight(FROM_A), None),
        (preflight(ASKS), None),
        (preflight(FROM_A, ASKS, method="GET"), None),
        (preflight(("origin", "https://b.example"), ASKS), None),
    ],
)
def test_only_a_preflight_from_an_allowed_origin_is_answered(client_request: Any, expected: Any) -> None:
    assert access_log(answer(FILTER, client_request, context(route=scope(policy())))) == expected


def test_the_answer_lists_what_is_allowed() -> None:
    route = scope(policy(allow_methods="PUT", allow_credentials=True), policy(allow_headers="x-t", max_age="60"))
    response = answer(FILTER, preflight(FROM_A, ASKS), context(route=route))
    assert response is not None
    assert dict(response.headers) == {
        "access-control-allow-origin": FROM_A[1],
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-t",
        "access-control-max-age": "60",
    }


def test_another_origin_is_answered_without_headers_where_preflights_are_not_forwarded() -> None:
    route = scope(policy(forward_not_matching_preflights=False))
    response = answer(FILTER, preflight(("origin", "https://b.example"), ASKS), context(route=route))
    assert access_log(response) == ANSWERED
    assert response is not None
    assert response.headers == ()


def test_nothing_is_answered_without_a_policy_or_a_route_that_forwards() -> None:
    assert answer(FILTER, preflight(FROM_A, ASKS), context(route=scope())) is None
    assert answer(FILTER, preflight(FROM_A, ASKS), context(route=NO_SCOPE)) is None


def test_the_most_specific_policy_decides_whether_the_filter_is_enabled() -> None:
    off = {"default_value": {"numerator": 0}}
    client_request = preflight(FROM_A, ASKS)
    assert answer(FILTER, client_request, context(route=scope(policy(filter_enabled=off)))) is None
    assert (
        access_log(answer(FILTER, client_request, context(route=scope(policy(), policy(filter_enabled=off)))))
        == ANSWERED
    )
    some = scope(policy(filter_enabled={"default_value": {"numerator": 25}}))
    assert [one.probability for one in outcomes(FILTER, client_request, context(route=some))] == [0.25, 0.75]


def test_the_deprecated_field_counts_where_there_is_no_typed_policy() -> None:
    older = VirtualHost(cors=CorsPolicy(allow_origin_string_match=(StringMatcher(prefix="https://"),)))
    route = replace(scope(), virtual_host=older)
    assert access_log(answer(FILTER, preflight(FROM_A, ASKS), context(route=route))) == ANSWERED
