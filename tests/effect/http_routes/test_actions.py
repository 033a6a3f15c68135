"""Faults and CORS of a rule as the filters' own messages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.http_routes.actions import CORS, FAULT, envoy_route
from meshscope.istio.objects.http_route import HTTPRoute
from meshscope.xds.cors import CorsPolicy
from meshscope.xds.fault import HTTPFault
from meshscope.xds.message import decode
from meshscope.xds.route_match import RouteMatch


def fault(asked: Any) -> HTTPFault | None:
    rule = msgspec.convert({"fault": asked}, HTTPRoute)
    raw = envoy_route(rule, "r", RouteMatch(), lambda _: "c", 80).typed_per_filter_config.get(FAULT)
    found = decode(raw, HTTPFault) if raw is not None else None
    assert found is None or isinstance(found, HTTPFault)
    return found


@pytest.mark.parametrize(
    ("abort", "http", "grpc"),
    [
        ({"httpStatus": 503}, 503, None),
        ({"grpcStatus": "UNAVAILABLE"}, None, 14),
        ({"grpcStatus": "OK"}, None, 0),
        ({"grpcStatus": "UNAUTHENTICATED"}, None, 16),
    ],
)
def test_a_status_of_grpc_is_a_number_in_the_filter(abort: Any, http: int | None, grpc: int | None) -> None:
    found = fault({"abort": {**abort, "percentage": {"value": 50}}})
    assert found is not None
    assert found.abort is not None
    assert (found.abort.http_status, found.abort.grpc_status, found.abort.percentage.numerator) == (http, grpc, 500_000)
    assert found.delay is None


@pytest.mark.parametrize("asked", [{"abort": {"httpStatus": 503}}, {"delay": {"fixedDelay": "1s"}}])
def test_a_fault_of_no_request_is_none(asked: Any) -> None:
    assert fault(asked) is None


def test_cors_says_no_more_than_the_rule() -> None:
    rule = msgspec.convert({"corsPolicy": {"allowOrigins": [{"exact": "a"}], "allowCredentials": False}}, HTTPRoute)
    raw = envoy_route(rule, "r", RouteMatch(), lambda _: "c", 80).typed_per_filter_config[CORS]
    assert msgspec.json.decode(raw) == {"allow_origin_string_match": [{"exact": "a"}], "allow_credentials": False}
    assert isinstance(decode(raw, CorsPolicy), CorsPolicy)
