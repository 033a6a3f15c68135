from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.route.timeouts import grpc_timeout, timeouts
from meshscope.xds.route_action import RetryPolicy, RouteAction

from ..reading import asking, read

GRPC = ("content-type", "application/grpc")
GLOBAL, PER_TRY = "x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms"


@pytest.mark.parametrize(
    ("action", "timeout", "effective"),
    [
        ({}, "15s", "15s"),
        ({"timeout": "0s"}, "0s", "0s"),
        ({"timeout": "0.250s"}, "0.25s", "0.25s"),
        ({"timeout": "3s", "max_stream_duration": {}}, "0s", "0s"),
        ({"timeout": "3s", "max_stream_duration": {"max_stream_duration": "7s"}}, "0s", "7s"),
        ({"timeout": "0s", "max_stream_duration": {"max_stream_duration": "0s"}}, "0s", "0s"),
        ({"max_grpc_timeout": "1s"}, "15s", "15s"),
    ],
)
def test_the_route_says_how_long_the_router_waits(action: object, timeout: str, effective: str) -> None:
    found = timeouts(read(RouteAction, action), None, asking())
    assert (found.timeout, found.effective) == (timeout, effective)


@pytest.mark.parametrize(
    ("action", "asked", "timeout"),
    [
        ({"max_grpc_timeout": "2s"}, "1S", "1s"),
        ({"max_grpc_timeout": "2s"}, "1000001u", "1.001s"),
        ({"max_grpc_timeout": "2s"}, "10000001n", "0.011s"),
        ({"max_grpc_timeout": "2s"}, "9S", "2s"),
        ({"max_grpc_timeout": "2s"}, None, "2s"),
        ({"max_grpc_timeout": "0s"}, "9S", "9s"),
        ({"max_grpc_timeout": "0s"}, None, "0s"),
        ({"max_grpc_timeout": "0s", "grpc_timeout_offset": "0.5s"}, "700m", "0.2s"),
        ({"max_grpc_timeout": "0s", "grpc_timeout_offset": "5s"}, "700m", "0.7s"),
        ({"timeout": "4s"}, "1S", "4s"),
    ],
)
def test_a_grpc_deadline_counts_where_the_route_allows_it(action: object, asked: str | None, timeout: str) -> None:
    headers = (GRPC, *((("grpc-timeout", asked),) if asked else ()))
    assert timeouts(read(RouteAction, action), None, asking("/", *headers)).timeout == timeout


@pytest.mark.parametrize(
    ("most", "offset", "limit"), [("0s", None, "9s"), ("4s", None, "4s"), ("0s", "1s", "8s"), ("0s", "10s", "0s")]
)
def test_a_stream_may_last_as_long_as_its_grpc_deadline(most: str, offset: str | None, limit: str) -> None:
    durations = {"grpc_timeout_header_max": most, **({"grpc_timeout_header_offset": offset} if offset else {})}
    action = read(RouteAction, {"max_stream_duration": durations})
    assert timeouts(action, None, asking("/", ("grpc-timeout", "9S"))).stream == limit
    assert timeouts(action, None, asking()).stream is None


@pytest.mark.parametrize(
    ("value", "internal", "timeout"),
    [("900", True, "0.9s"), ("0", True, "0s"), ("x", True, "3s"), ("900", False, "3s")],
)
def test_only_an_internal_request_sets_its_own_timeout(value: str, internal: bool, timeout: str) -> None:
    request = asking("/", (GLOBAL, value), internal=internal)
    assert timeouts(read(RouteAction, {"timeout": "3s"}), None, request).timeout == timeout


@pytest.mark.parametrize(
    ("policy", "timeout", "header", "per_try"),
    [
        ("1s", "3s", None, "1s"),
        ("3s", "3s", None, "0s"),
        ("60s", "3s", None, "0s"),
        ("60s", "0s", None, "60s"),
        ("1s", "3s", "100", "0.1s"),
        ("1s", "3s", "100000", "0s"),
    ],
)
def test_a_per_try_timeout_counts_only_below_the_whole(
    policy: str, timeout: str, header: str | None, per_try: str
) -> None:
    request = asking("/", *(((PER_TRY, header),) if header else ()), internal=True)
    found = timeouts(read(RouteAction, {"timeout": timeout}), read(RetryPolicy, {"per_try_timeout": policy}), request)
    assert found.per_try == per_try


@given(st.integers(min_value=1, max_value=10**11))
def test_a_grpc_timeout_has_at_most_eight_digits_and_is_never_longer(milliseconds: int) -> None:
    text = grpc_timeout(milliseconds / 1000)
    length = int(text[:-1]) * {"m": 1, "S": 1000, "M": 60_000, "H": 3_600_000}[text[-1]]
    assert len(text) <= 9
    assert milliseconds - 3_600_000 < length <= milliseconds


@pytest.mark.parametrize(
    ("durations", "asked", "no_time"),
    [
        ({"grpc_timeout_header_max": "5s"}, "0S", True),
        ({"grpc_timeout_header_max": "0s"}, "0n", True),
        ({"grpc_timeout_header_max": "5s", "grpc_timeout_header_offset": "2s"}, "1S", True),
        ({"grpc_timeout_header_max": "2s", "grpc_timeout_header_offset": "2s"}, "9S", True),
        ({"grpc_timeout_header_max": "5s"}, "1n", False),
        ({"grpc_timeout_header_max": "5s"}, "x", False),
        ({"grpc_timeout_header_max": "5s", "max_stream_duration": "0s"}, None, False),
        ({"max_stream_duration": "0s"}, "0S", False),
        (None, "0S", False),
    ],
)
def test_a_deadline_of_zero_is_no_time_where_a_limit_of_zero_is_none(
    durations: object, asked: str | None, no_time: bool
) -> None:
    """Each row is the answer of an Envoy 1.40."""
    action = read(RouteAction, {"max_stream_duration": durations} if durations else {})
    headers = (("grpc-timeout", asked),) if asked else ()
    assert timeouts(action, None, asking("/", *headers)).no_time == no_time
