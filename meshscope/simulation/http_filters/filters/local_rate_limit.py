"""`envoy.filters.http.local_ratelimit`: 429 while a bucket is empty. Only a bucket that holds nothing is known to be.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
Both `filter_enabled` and `filter_enforced` have to hold; each is 0 % where it is absent.
"""

from __future__ import annotations

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
from meshscope.xds.rate_limit import LocalRateLimit
from meshscope.xds.route_match import RuntimeFractionalPercent

_OFF = RuntimeFractionalPercent()
_TOO_MANY = 429


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    chosen = overrides[0] if overrides else own
    if not isinstance(chosen.message, LocalRateLimit):
        return lambda request, _: assumed(request, entry, "its configuration is not a local rate limit")
    return _LocalRateLimit(FilterEntry(entry.name, entry.type_name, chosen.location or entry.location), chosen.message)


class _LocalRateLimit:
    def __init__(self, entry: FilterEntry, config: LocalRateLimit) -> None:
        self._site, self._config = entry, config

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        config = self._config
        for name, percent in (("filter_enabled", config.filter_enabled), ("filter_enforced", config.filter_enforced)):
            share = runtime_share(percent or _OFF, request, context.envoy)
            if share.is_off:
                return passed(request, context, self._site, f"{name}: 0%")
        bucket = config.token_bucket
        if bucket is None:
            return passed(request, context, self._site, "no bucket")
        if bucket.max_tokens > 0 or config.descriptors:
            held = f"a bucket of {bucket.max_tokens} per {bucket.fill_interval}"
            return passed(request, context, self._site, f"taken to pass: {held} may be empty, which nobody knows")
        return self._closed(request, context)

    def _closed(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        """A bucket that holds nothing: both shares decide."""
        config = self._config
        limited = ended(
            Disposition.RATE_LIMITED,
            local_reply(request, _code(config), "local_rate_limited", "RL"),
            self._site,
            "the bucket never holds a token",
        )
        spared = passed(request, context, self._site, "not enforced for this share of requests")
        enabled = runtime_share(config.filter_enabled or _OFF, request, context.envoy)
        enforced = runtime_share(config.filter_enforced or _OFF, request, context.envoy)
        chances = {True: 0.0, False: 0.0}
        for on, chance in enabled.branches(request.random):
            for strict, other in enforced.branches(request.random):
                chances[on and strict] += chance * other
        if 1.0 in chances.values():
            return limited if chances[True] == 1.0 else spared
        return (
            possible(limited[0], "the rate limit is enforced", chances[True]),
            possible(spared[0], "the rate limit is not enforced", chances[False]),
        )


def _code(config: LocalRateLimit) -> int:
    """A status below 400 is not taken."""
    code = config.status.number(_TOO_MANY)
    return code if code >= 400 else _TOO_MANY
