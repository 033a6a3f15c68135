from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw

from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.filter import RouteScope
from meshscope.xds.route import Route, VirtualHost
from meshscope.xds.route_action import RouteAction

from ..walks import access_log, answer, context, entry, filter_list, outcomes, request, scope, typed


def limited(*route: str, host: tuple[str, ...] = ()) -> RouteScope:
    return RouteScope(
        route=Route(route=RouteAction(cluster="up", rate_limits=tuple(Raw(one.encode()) for one in route))),
        virtual_host=VirtualHost(rate_limits=tuple(Raw(one.encode()) for one in host)),
    )


GLOBAL = filter_list(entry("ratelimit.v3.RateLimit", domain="d"))

GENERIC = '{"actions": [{"generic_key": {"descriptor_value": "x"}}]}'

BY_HEADER = '{"actions": [{"request_headers": {"header_name": "x-id", "descriptor_key": "id"}}]}'


def test_the_service_is_called_only_where_a_descriptor_exists() -> None:
    assert answer(GLOBAL, request(), context(route=limited())) is None
    assert answer(GLOBAL, request(), context(route=limited(BY_HEADER))) is None
    for route in (limited(GENERIC), limited(host=(GENERIC,))):
        results = outcomes(GLOBAL, request(), context(route=route))
        assert [one.probability for one in results] == [None, None]
    results = outcomes(GLOBAL, request("/", ("x-id", "1")), context(route=limited(BY_HEADER)))
    end = results[1].value
    assert isinstance(end, End)
    assert access_log(end.response) == (429, "RL", "request_rate_limited")


def test_a_rate_limit_of_another_stage_does_not_count() -> None:
    other = limited('{"stage": 3, "actions": [{"generic_key": {"descriptor_value": "x"}}]}')
    assert answer(GLOBAL, request(), context(route=other)) is None


def test_a_route_may_ignore_the_limits_of_its_virtual_host() -> None:
    limits = scope(typed("ratelimit.v3.RateLimitPerRoute", vh_rate_limits="IGNORE"))
    host = VirtualHost(rate_limits=(Raw(GENERIC.encode()),))
    route = RouteScope(route=limits.route, virtual_host=host)
    assert answer(GLOBAL, request(), context(route=route)) is None


SERVICE: dict[str, Any] = {"rate_limit_service": {"grpc_service": {"envoy_grpc": {"cluster_name": "limits"}}}}


@pytest.mark.parametrize(
    ("config", "codes"),
    [
        ({}, [0]),
        ({"failure_mode_deny": True}, [500]),
        ({"failure_mode_deny": True, "status_on_error": {"code": "ServiceUnavailable"}}, [503]),
        ({"failure_mode_deny": True, "failure_mode_deny_percent": {"default_value": {"numerator": 0}}}, [0]),
        ({"failure_mode_deny_percent": {"default_value": {"numerator": 25}}}, [500, 0]),
    ],
)
def test_a_service_that_cannot_be_reached_fails(config: Any, codes: list[int]) -> None:
    gone = context(route=limited(GENERIC), unreachable=lambda cluster: f"no {cluster}" if cluster == "limits" else "")
    found = outcomes(filter_list(entry("ratelimit.v3.RateLimit", domain="d", **SERVICE, **config)), request(), gone)
    logs = [access_log(one.value.response) if isinstance(one.value, End) else None for one in found]
    assert logs == [(code, "RLSE", "rate_limiter_error") if code else None for code in codes]


def test_a_service_that_may_fail_has_a_third_outcome_where_that_is_refused() -> None:
    strict = filter_list(entry("ratelimit.v3.RateLimit", domain="d", failure_mode_deny=True, **SERVICE))
    *_, failed = outcomes(strict, request(), context(route=limited(GENERIC)))
    assert (failed.condition, isinstance(failed.value, End)) == ("the rate limit service fails", True)
    within, _ = outcomes(GLOBAL, request(), context(route=limited(GENERIC)))
    assert within.condition == "the rate limit service answers OK or fails"
