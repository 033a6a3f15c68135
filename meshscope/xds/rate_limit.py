"""Rate limits, local and global.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/local_ratelimit/v3/local_rate_limit.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ratelimit/v3/rate_limit.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-ratelimit
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from meshscope.xds.message import Message
from meshscope.xds.route_action import HeaderValueOption
from meshscope.xds.route_match import RuntimeFractionalPercent


class HttpStatus(Message, frozen=True):
    """`code` as a number, or as the enum's name (`TooManyRequests`)."""

    code: int | str = 0

    def number(self, default: int) -> int:
        """The code as Envoy answers it; the default where none is set or the name is unknown."""
        if isinstance(self.code, str) and not self.code.isdecimal():
            from http import HTTPStatus  # names are rare

            names = {"".join(word.capitalize() for word in status.name.split("_")): status for status in HTTPStatus}
            return int(names.get(self.code, default))
        return int(self.code) or default


class TokenBucket(Message, frozen=True):
    max_tokens: int = 0
    tokens_per_fill: int = 1
    fill_interval: str = ""


class LocalRateLimit(Message, frozen=True):
    stat_prefix: str = ""
    status: HttpStatus = HttpStatus()
    token_bucket: TokenBucket | None = None
    filter_enabled: RuntimeFractionalPercent | None = None
    filter_enforced: RuntimeFractionalPercent | None = None
    response_headers_to_add: tuple[HeaderValueOption, ...] = ()
    descriptors: tuple[Raw, ...] = ()
    rate_limited_as_resource_exhausted: bool = False
    rate_limits: tuple[RateLimitRule, ...] = ()


class RateLimitService(Message, frozen=True):
    grpc_service: dict[str, Any] = {}

    @property
    def cluster(self) -> str:
        """The cluster that is asked, "" where it is none."""
        found = (self.grpc_service.get("envoy_grpc") or {}).get("cluster_name")
        return found if isinstance(found, str) else ""


class RateLimit(Message, frozen=True):
    domain: str = ""
    stage: int = 0
    request_type: str = ""
    failure_mode_deny: bool = False
    failure_mode_deny_percent: RuntimeFractionalPercent | None = None
    rate_limit_service: RateLimitService = RateLimitService()
    rate_limited_as_resource_exhausted: bool = False
    rate_limited_status: HttpStatus = HttpStatus()
    status_on_error: HttpStatus = HttpStatus()
    filter_enabled: RuntimeFractionalPercent | None = None
    filter_enforced: RuntimeFractionalPercent | None = None
    rate_limits: tuple[RateLimitRule, ...] = ()


class RateLimitPerRoute(Message, frozen=True):
    """`vh_rate_limits` is OVERRIDE (the route's own win), INCLUDE or IGNORE."""

    vh_rate_limits: str = "OVERRIDE"
    override_option: str = "DEFAULT"
    rate_limits: tuple[RateLimitRule, ...] = ()
    domain: str = ""


class RateLimitRule(Message, frozen=True):
    """A `rate_limits` entry of a route; each action makes one part of a descriptor."""

    stage: int = 0
    disable_key: str = ""
    actions: tuple[Raw, ...] = ()
    apply_on_stream_done: bool = False
