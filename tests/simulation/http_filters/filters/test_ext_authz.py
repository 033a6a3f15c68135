from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.filter import Reroute, RouteScope

from ..walks import access_log, answer, context, entry, filter_list, only, outcomes, request, scope, typed

GRPC_SERVICE = {"envoy_grpc": {"cluster_name": "authz"}}
UPGRADE = (("connection", "upgrade"), ("upgrade", "websocket"))
NEVER = {"default_value": {"numerator": 0}}


def authz(**config: Any) -> Any:
    return filter_list(entry("ext_authz.v3.ExtAuthz", **{"grpc_service": GRPC_SERVICE, **config}))


def test_the_authorizer_allows_denies_or_fails_with_unknown_probabilities() -> None:
    allowed, denied, failed = outcomes(authz(), request())
    assert (allowed.probability, denied.probability, failed.probability) == (None, None, None)
    assert allowed.condition == "authz allows it"
    assert isinstance(denied.value, End)
    assert access_log(denied.value.response) == (403, "UAEX", "ext_authz_denied")
    assert isinstance(failed.value, End)
    assert access_log(failed.value.response) == (403, "UAEX", "ext_authz_error")


@pytest.mark.parametrize(
    ("config", "code", "headers"),
    [
        ({}, 403, ()),
        ({"status_on_error": {"code": "Unauthorized"}}, 401, ()),
        ({"failure_mode_allow": True}, None, ()),
        (
            {"failure_mode_allow": True, "failure_mode_allow_header_add": True, "clear_route_cache": True},
            None,
            (("x-envoy-auth-failure-mode-allowed", "true"),),
        ),
    ],
)
@pytest.mark.parametrize(
    "service",
    [{"grpc_service": GRPC_SERVICE}, {"grpc_service": {}, "http_service": {"server_uri": {"cluster": "authz"}}}],
)
def test_a_server_that_cannot_be_reached_fails(service: Any, config: Any, code: Any, headers: Any) -> None:
    gone = context(unreachable=lambda cluster: f"there is no cluster {cluster}" if cluster == "authz" else "")
    value = only(authz(**service, **config), request(), gone).value
    if code is None:
        assert value == request("/", *headers)
    else:
        assert isinstance(value, End)
        assert access_log(value.response) == (code, "UAEX", "ext_authz_error")


def test_with_failure_mode_allow_a_failure_is_like_a_permission_unless_it_leaves_a_header() -> None:
    allowed, _ = outcomes(authz(failure_mode_allow=True), request())
    assert allowed.condition == "authz allows it or fails"
    *_, failed = outcomes(authz(failure_mode_allow=True, failure_mode_allow_header_add=True), request())
    assert (failed.condition, isinstance(failed.value, End)) == ("authz fails", False)


def test_a_disabled_filter_calls_no_server_and_denies_only_with_deny_at_disable() -> None:
    assert answer(authz(filter_enabled=NEVER), request()) is None
    strict = authz(filter_enabled=NEVER, deny_at_disable={"default_value": True})
    assert access_log(answer(strict, request())) == (403, "UAEX", "ext_authz_error")
    assert (
        answer(authz(), request(), context(route=scope(typed("ext_authz.v3.ExtAuthzPerRoute", disabled=True)))) is None
    )


def test_metadata_of_shadow_rules_decides_whether_the_authorizer_is_called() -> None:
    wanted = {
        "filter": "envoy.filters.http.rbac",
        "path": [{"key": "p_shadow_effective_policy_id"}],
        "value": {"string_match": {"prefix": "istio-ext-authz"}},
    }
    metadata = {"envoy.filters.http.rbac": {"p_shadow_effective_policy_id": "istio-ext-authz-ns[a]"}}
    assert answer(authz(filter_enabled_metadata=wanted), request()) is None
    assert len(outcomes(authz(filter_enabled_metadata=wanted), request(metadata=metadata))) == 3


def test_a_share_with_an_authorizer_has_an_outcome_more() -> None:
    results = outcomes(authz(filter_enabled={"default_value": {"numerator": 40}}), request())
    assert [one.probability for one in results] == [None, None, None, 0.6]


def test_an_authorizer_that_clears_the_route_cache_reroutes_where_it_changes_headers() -> None:
    same, changed, *_ = outcomes(authz(clear_route_cache=True), request())
    assert (same.value, changed.value) == (request(), Reroute(request(), resume=1))
    assert changed.condition == "authz allows it and changes headers"


def test_without_a_route_no_server_is_called() -> None:
    gone = context(route=RouteScope(), unreachable=lambda _: "it is not there")
    assert answer(authz(), request(), gone) is None


@pytest.mark.parametrize(
    ("settings", "headers", "codes"),
    [
        ({"max_request_bytes": 5}, (("content-length", "6"),), [413]),
        ({"max_request_bytes": 5}, (("content-length", "5"),), [None, 403, 403]),
        ({"max_request_bytes": 5}, (), [None, 403, 403]),
        (
            {"max_request_bytes": 5},
            (("content-length", "6"), ("connection", "upgrade"), ("upgrade", "websocket")),
            [None, 403, 403],
        ),
        ({"max_request_bytes": 5}, (("transfer-encoding", "chunked"),), [None, 403, 403, 413]),
        ({"max_request_bytes": 5, "allow_partial_message": True}, (("content-length", "6"),), [None, 403, 403]),
    ],
)
def test_a_body_that_the_server_is_to_get_whole_has_to_fit(
    settings: Any, headers: Any, codes: list[int | None]
) -> None:
    found = outcomes(authz(with_request_body=settings), request("/", *headers, method="POST"))
    answers = [one.value.response if isinstance(one.value, End) else None for one in found]
    assert [one and one.code for one in answers] == codes


def test_a_route_may_send_the_server_no_body_or_allow_a_larger_one() -> None:
    filters, sent = authz(with_request_body={"max_request_bytes": 5}), request("/", ("content-length", "6"))
    for own, count in (
        ({"disable_request_body_buffering": True}, 3),
        ({"with_request_body": {"max_request_bytes": 6}}, 3),
        ({}, 1),
    ):
        route = scope(typed("ext_authz.v3.ExtAuthzPerRoute", check_settings=own))
        assert len(outcomes(filters, sent, context(route=route))) == count
