"""Retries: which policy is in effect, and what internal requests may change in it.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#config-http-filters-router-x-envoy-retry-on
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.route.timeouts import Timeouts
from meshscope.simulation.trace import Retries
from meshscope.xds.route import VirtualHost
from meshscope.xds.route_action import RetryPolicy, RouteAction


def retry_policy(action: RouteAction, host: VirtualHost) -> RetryPolicy | None:
    """The route's, even an empty one; else the virtual host's. They are not merged."""
    return host.retry_policy if action.retry_policy is None else action.retry_policy


def retries(policy: RetryPolicy | None, request: HttpRequest, timeouts: Timeouts) -> Retries | None:
    """What the router does; None without a policy. `retry_on` "" never retries, whatever `num_retries` says.

    `x-envoy-retry-on` and `-grpc-on` add conditions, `x-envoy-max-retries` replaces the number; on internal requests only,
    and never less than the policy's number where the header is no number.
    """
    asked = [_header(request, name) for name in ("x-envoy-retry-on", "x-envoy-retry-grpc-on")]
    if policy is None and not any(asked):
        return None
    policy = policy or RetryPolicy()
    words = [word.strip() for text in (policy.retry_on, *asked) for word in text.split(",")]
    conditions = ",".join(dict.fromkeys(word for word in words if word))
    number = 1 if policy.num_retries is None else policy.num_retries
    most = _header(request, "x-envoy-max-retries")
    if conditions and most.isascii() and most.isdecimal():
        number = int(most)
    more = _header(request, "x-envoy-retriable-status-codes").split(",")
    codes = (*policy.retriable_status_codes, *(int(code) for code in map(str.strip, more) if code.isdecimal()))
    return Retries(
        num_retries=number,
        per_try_timeout=timeouts.per_try,
        retry_on=conditions,
        status_codes=tuple(dict.fromkeys(codes)),
    )


def _header(request: HttpRequest, name: str) -> str:
    return next(iter(request.values(name)), "") if request.internal else ""
