from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.http_filters.filter import Reroute

from ...walks import GRPC, context, entry, filter_list, only, outcomes, request, scope, typed

KIND = "grpc_http1_reverse_bridge.v3.FilterConfig"


def bridge(**more: Any) -> Any:
    return filter_list(entry(KIND, content_type="application/x-protobuf", **more))


def grpc(length: str, **fields: Any) -> Any:
    return request("/", GRPC, ("content-length", length), method="POST", **fields)


@pytest.mark.parametrize(
    ("withholds", "length", "left", "certain"),
    [(False, "9", "9", False), (True, "9", "4", False), (True, "5", "0", False), (True, "4", "0", True)],
)
def test_grpc_with_a_body_becomes_the_other_type(withholds: bool, length: str, left: str, certain: bool) -> None:
    value = only(bridge(withhold_grpc_frames=withholds), grpc(length)).value
    assert isinstance(value, Reroute)
    assert value.request.values("content-type") == value.request.values("accept") == ("application/x-protobuf",)
    assert value.request.values("content-length") == (left,)
    (later,) = value.request.later
    assert (later.details, later.certain, later.replaces) == ("grpc_bridge_content_type_wrong", certain, True)


def test_without_a_body_without_grpc_and_where_it_is_disabled_nothing_changes() -> None:
    off = context(route=scope(typed("grpc_http1_reverse_bridge.v3.FilterConfigPerRoute", disabled=True)))
    for asking in (grpc("0"), request("/", ("content-type", "text/plain"), ("content-length", "4"))):
        assert only(bridge(), asking).value == asking
    assert only(bridge(), grpc("4"), off).value == grpc("4")


def test_over_http2_both_are_possible() -> None:
    both = outcomes(bridge(), request("/", GRPC, method="POST", protocol="http2"))
    assert [isinstance(one.value, Reroute) for one in both] == [True, False]
    assert [one.condition for one in both] == ["it has a body", "it has no body"]
