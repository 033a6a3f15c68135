"""`envoy.filters.http.ratelimit`: a service decides; without a descriptor it is not asked.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rate_limit_filter
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Raw

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed,
    ended,
    passed,
    possible,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.xds.message import decode
from meshscope.xds.rate_limit import RateLimit, RateLimitPerRoute, RateLimitRule

_TOO_MANY = 429


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = own.message
    said = overrides[0].message if overrides else None
    if not isinstance(config, RateLimit):
        return lambda request, _: assumed(request, entry, "its configuration is not a rate limit")
    return _RateLimit(entry, config, said if isinstance(said, RateLimitPerRoute) else RateLimitPerRoute())


class _RateLimit:
    def __init__(self, entry: FilterEntry, config: RateLimit, said: RateLimitPerRoute) -> None:
        self._site, self._config, self._said = entry, config, said

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        for name, percent in (("filter_enabled", config.filter_enabled), ("filter_enforced", config.filter_enforced)):
            if percent is not None and runtime_share(percent, request, context.envoy).is_off:
                return passed(request, context, self._site, f"{name}: 0%")
        rules = [rule for rule in self._rules(context) if rule.stage == config.stage and not rule.apply_on_stream_done]
        if not any(_may_describe(rule, request) for rule in rules):
            because = "its rate limits describe nothing of this request" if rules else "no rate limits at this route"
            return passed(request, context, self._site, because)
        response = local_reply(request, config.rate_limited_status.number(_TOO_MANY), "request_rate_limited", "RL")
        limited = ended(Disposition.RATE_LIMITED, response, self._site, "the service says over limit")[0]
        within = passed(request, context, self._site, "the service says within the limit")[0]
        return (
            possible(within, "the rate limit service says within the limit"),
            possible(limited, "the rate limit service says over limit"),
        )

    def _rules(self, context: FilterContext) -> Iterable[RateLimitRule]:
        """The filter's own, else the route's, with the virtual host's where the route has none or wants both."""
        if own := self._said.rate_limits or self._config.rate_limits:
            return own
        action = context.route.route.route if context.route.route else None
        if action is None:
            return ()
        route = tuple(_read(action.rate_limits))
        host = tuple(_read(context.route.virtual_host.rate_limits)) if context.route.virtual_host else ()
        if self._said.vh_rate_limits == "INCLUDE" or action.include_vh_rate_limits:
            return (*route, *host)
        return route if route or self._said.vh_rate_limits == "IGNORE" else host


def _read(rules: tuple[Raw, ...]) -> Iterable[RateLimitRule]:
    for raw in rules:
        rule = decode(raw, RateLimitRule)
        yield rule if isinstance(rule, RateLimitRule) else RateLimitRule()


def _may_describe(rule: RateLimitRule, request: HttpRequest) -> bool:
    """An action without a value drops the whole descriptor; only a missing header is surely without one."""
    return not any(_lacks_header(action, request) for action in rule.actions)


def _lacks_header(action: Raw, request: HttpRequest) -> bool:
    try:
        found: dict[str, Any] = msgspec.json.decode(action)
    except msgspec.DecodeError:
        return False
    header = found.get("request_headers")
    if not isinstance(header, dict) or header.get("skip_if_absent"):
        return False
    return not request.values(str(header.get("header_name", "")))
