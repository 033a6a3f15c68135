"""How long the router waits: the route's timeout, its overrides by header, and the limit of a stream.

https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts#route-timeouts
Durations are text as protobuf writes them (`15s`, `0.25s`); `0s` is no limit.
"""

from __future__ import annotations

import re

from msgspec import Struct

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.local_reply import is_grpc
from meshscope.xds.duration import seconds
from meshscope.xds.route_action import RetryPolicy, RouteAction

DEFAULT = 15.0
_GRPC = r"([0-9]{1,8})([HMSmun])"
_MILLISECONDS = {"H": 3_600_000, "M": 60_000, "S": 1000, "m": 1}
_PARTS = {"u": 1000, "n": 1_000_000}
"""How many of a unit make a millisecond."""


class Timeouts(Struct, frozen=True):
    """`timeout` is the router's for the whole request with its retries; `per_try` for one attempt. `stream` is the limit
    of the stream that the route sets, None where it sets none (the connection manager's holds). `because` names what
    decided. `no_time`: `grpc-timeout` leaves none, and the stream ends as soon as it would wait for a host.
    """

    timeout: str
    per_try: str = "0s"
    stream: str | None = None
    idle: str | None = None
    because: str = ""
    no_time: bool = False

    @property
    def effective(self) -> str:
        """The shorter of timeout and stream limit; `0s` where neither limits."""
        limits = [text for text in (self.timeout, self.stream) if text and seconds(text)]
        return min(limits, key=lambda text: seconds(text) or 0.0, default="0s")


def grpc_timeout(limit: float) -> str:
    """Seconds as gRPC's header writes them, in at most eight digits."""
    milliseconds = round(limit * 1000)
    for unit, length in (("m", 1), ("S", 1000), ("M", 60_000)):
        if milliseconds // length <= 99_999_999:
            return f"{milliseconds // length}{unit}"
    return f"{min(milliseconds // 3_600_000, 99_999_999)}H"


def timeouts(action: RouteAction, policy: RetryPolicy | None, request: HttpRequest) -> Timeouts:
    """The timeouts in effect. `policy` is the effective retry policy. The override headers count on internal requests
    only: the connection manager strips them from others.
    """
    limit, because = _route_timeout(action, request)
    if (override := _milliseconds(request, "x-envoy-upstream-rq-timeout-ms")) is not None:
        limit, because = override, "x-envoy-upstream-rq-timeout-ms"
    per_try = (seconds(policy.per_try_timeout) or 0.0) * 1000 if policy else 0.0
    if (override := _milliseconds(request, "x-envoy-upstream-rq-per-try-timeout-ms")) is not None:
        per_try = override
    if limit and per_try >= limit:
        per_try = 0.0
    asked = _grpc_limit(action, request)
    stream = _text(asked) if asked is not None else _stream_limit(action)
    return Timeouts(_text(limit), _text(per_try), stream, action.idle_timeout, because, asked == 0)


def _route_timeout(action: RouteAction, request: HttpRequest) -> tuple[float, str]:
    """Milliseconds, and why."""
    if action.max_stream_duration is not None:
        return 0.0, "max_stream_duration is there: timeout does not count"
    if action.max_grpc_timeout is not None and is_grpc(request):
        most = (seconds(action.max_grpc_timeout) or 0.0) * 1000
        asked = _grpc_timeout(request) or 0.0
        offset = (seconds(action.grpc_timeout_offset or "") or 0.0) * 1000
        if offset < asked:
            asked -= offset
        if most and (not asked or asked > most):
            return most, "max_grpc_timeout"
        return asked, "grpc-timeout"
    if action.timeout is None:
        return DEFAULT * 1000, "the default"
    return (seconds(action.timeout) or 0.0) * 1000, "timeout"


def _stream_limit(action: RouteAction) -> str | None:
    return (action.max_stream_duration.max_stream_duration or None) if action.max_stream_duration else None


def _grpc_limit(action: RouteAction, request: HttpRequest) -> float | None:
    """Milliseconds that `grpc-timeout` sets in the place of `max_stream_duration`, where `grpc_timeout_header_max` allows that.

    It counts whatever the request's type is. 0 is no time, where a configured 0 is no limit.
    """
    durations = action.max_stream_duration
    asked = _grpc_timeout(request)
    if durations is None or asked is None or not durations.grpc_timeout_header_max:
        return None
    most = (seconds(durations.grpc_timeout_header_max) or 0.0) * 1000
    asked = min(asked, most) if most else asked
    offset = (seconds(durations.grpc_timeout_header_offset) or 0.0) * 1000
    return max(0.0, asked - offset)


def _grpc_timeout(request: HttpRequest) -> float | None:
    match = re.fullmatch(_GRPC, next(iter(request.values("grpc-timeout")), ""))
    if match is None:
        return None
    number, unit = int(match[1]), match[2]
    # a part of a millisecond is a whole one
    return float(-(-number // _PARTS[unit]) if unit in _PARTS else number * _MILLISECONDS[unit])


def _milliseconds(request: HttpRequest, name: str) -> float | None:
    value = next(iter(request.values(name)), "") if request.internal else ""
    return float(value) if value.isascii() and value.isdecimal() else None


def _text(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.9f}".rstrip("0").rstrip(".") + "s"
