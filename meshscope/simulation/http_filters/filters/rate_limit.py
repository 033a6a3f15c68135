"""`envoy.filters.http.ratelimit`: a service decides. It is called only where a rate limit yields a descriptor.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rate_limit_filter
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Raw

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    by_share,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.untyped import untyped
from meshscope.xds.message import decode
from meshscope.xds.rate_limit import RateLimit, RateLimitPerRoute, RateLimitRule

_TOO_MANY = 429
_ERROR = 500


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = own.message
    per_route = overrides[0].message if overrides else None
    if not isinstance(config, RateLimit):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration is not a rate limit")
    return _RateLimit(entry, config, per_route if isinstance(per_route, RateLimitPerRoute) else RateLimitPerRoute())


class _RateLimit:
    def __init__(self, entry: FilterEntry, config: RateLimit, per_route: RateLimitPerRoute) -> None:
        self._entry, self._config, self._said = entry, config, per_route

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        for name, percent in (("filter_enabled", config.filter_enabled), ("filter_enforced", config.filter_enforced)):
            if percent is not None and runtime_share(percent, request, context.envoy).is_off:
                return passes(request, context, self._entry, f"{name}: 0%")
        rules = [rule for rule in self._rules(context) if rule.stage == config.stage and not rule.apply_on_stream_done]
        if not any(_may_describe(rule, request) for rule in rules):
            because = "no rate limit yields a descriptor for this request" if rules else "no rate limits on this route"
            return passes(request, context, self._entry, because)
        service = config.rate_limit_service.cluster
        because = context.unreachable(service) if service else ""
        if because:
            return self._failed(request, context, f"the service fails: {because}")
        response = local_reply(request, config.rate_limited_status.number(_TOO_MANY), "request_rate_limited", "RL")
        over_limit = ends(Disposition.RATE_LIMITED, response, self._entry, "the service answers OVER_LIMIT")[0]
        failed = self._failed(request, context, "the service fails")
        excused = len(failed) == 1 and not isinstance(failed[0].value, End)
        answers = f"the rate limit service answers OK{' or fails' if excused else ''}"
        within_limit = passes(request, context, self._entry, answers.removeprefix("the rate limit "))[0]
        return (
            under_condition(within_limit, answers),
            under_condition(over_limit, "the rate limit service answers OVER_LIMIT"),
            *(under_condition(one, "the rate limit service fails") for one in (() if excused else failed)),
        )

    def _failed(self, request: HttpRequest, context: FilterContext, because: str) -> FilterOutcomes:
        """Where the service gives no answer: the request passes, unless `failure_mode_deny` or its share says otherwise."""
        config = self._config
        passing = passes(request, context, self._entry, f"{because}; failure_mode_deny is not set")
        response = local_reply(request, config.status_on_error.number(_ERROR), "rate_limiter_error", "RLSE")
        denial = ends(Disposition.RATE_LIMITED, response, self._entry, f"{because}; failure_mode_deny")
        percent = config.failure_mode_deny_percent
        if percent is None:
            return denial if config.failure_mode_deny else passing
        branches = runtime_share(percent, request, context.envoy).branches(request.random)
        return by_share(branches, "failure_mode_deny_percent", denial, passing)

    def _rules(self, context: FilterContext) -> Iterable[RateLimitRule]:
        """The filter's own; else the route's, with the virtual host's where the route has none or includes them."""
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
    """Whether the rule may yield a descriptor. An action without a value drops it; only a missing header certainly has none."""
    return not any(_lacks_header(action, request) for action in rule.actions)


def _lacks_header(action: Raw, request: HttpRequest) -> bool:
    try:
        fields = untyped(action)
    except msgspec.DecodeError:
        return False
    header = fields.get("request_headers") if isinstance(fields, dict) else None
    if not isinstance(header, dict) or header.get("skip_if_absent"):
        return False
    return not request.values(str(header.get("header_name", "")))
