"""`envoy.filters.http.local_ratelimit`: 429 while a bucket is empty. Only a bucket of size 0 is known to be empty.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
Both `filter_enabled` and `filter_enforced` must hold; each is 0 % where it is absent.
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.xds.rate_limit import LocalRateLimit
from meshscope.xds.route_match import RuntimeFractionalPercent

_OFF = RuntimeFractionalPercent()
_TOO_MANY = 429


class _LocalRateLimit:
    def __init__(self, entry: FilterEntry, config: LocalRateLimit) -> None:
        self._entry, self._config = entry, config

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        for name, percent in (("filter_enabled", config.filter_enabled), ("filter_enforced", config.filter_enforced)):
            share = runtime_share(percent or _OFF, request, context.envoy)
            if share.is_off:
                return passes(request, context, self._entry, f"{name}: 0%")
        bucket = config.token_bucket
        if bucket is None:
            return passes(request, context, self._entry, "no token_bucket")
        if bucket.max_tokens > 0 or config.descriptors:
            size = f"the bucket of {bucket.max_tokens} per {bucket.fill_interval}"
            return passes(request, context, self._entry, f"taken to pass: {size} has an unknown fill level")
        return self._always_empty(request, context)

    def _always_empty(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        """The outcomes of a bucket of size 0, which the two shares decide."""
        config = self._config
        over_limit = ends(
            Disposition.RATE_LIMITED,
            local_reply(request, _code(config), "local_rate_limited", "RL"),
            self._entry,
            "the bucket never contains a token",
        )
        passing = passes(request, context, self._entry, "not enforced for this share of requests")
        enabled_share = runtime_share(config.filter_enabled or _OFF, request, context.envoy)
        enforced_share = runtime_share(config.filter_enforced or _OFF, request, context.envoy)
        chances = {True: 0.0, False: 0.0}
        for is_enabled, chance in enabled_share.branches(request.random):
            for is_enforced, chance_of_enforced in enforced_share.branches(request.random):
                chances[is_enabled and is_enforced] += chance * chance_of_enforced
        if 1.0 in chances.values():
            return over_limit if chances[True] == 1.0 else passing
        return (
            under_condition(over_limit[0], "the rate limit is enforced", chances[True]),
            under_condition(passing[0], "the rate limit is not enforced", chances[False]),
        )


def _code(config: LocalRateLimit) -> int:
    """A configured status below 400 does not count."""
    code = config.status.number(_TOO_MANY)
    return code if code >= 400 else _TOO_MANY


make = by_most_specific(LocalRateLimit, "a local rate limit", _LocalRateLimit)
