"""`envoy.filters.http.health_check`: requests that match are answered here with the proxy's own health.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/health_check_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed,
    ended,
    passed,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.verdict import all_of
from meshscope.xds.http_filter_config import HealthCheck


def make(entry: FilterEntry, own: Configured, _overrides: tuple[Configured, ...]) -> Filter:
    config = own.message
    if not isinstance(config, HealthCheck):
        return lambda request, _: assumed(request, entry, "its configuration does not read")

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        individually = match_headers_individually(context.envoy)
        verdicts = [header_matches(one, request, context.envoy, individually=individually) for one in config.headers]
        matched = all_of(verdicts)
        if matched.is_no:
            failed = config.headers[verdicts.index(matched)]
            return passed(request, context, entry, f"not a health check: {header_because(failed, request)}")
        if matched.is_unknown:
            return assumed(request, entry, matched.because)
        if config.pass_through_mode:
            words = "a cached answer may be given" if config.cache_time else "passed through while the proxy is healthy"
            return assumed(request, entry, words) if config.cache_time else passed(request, context, entry, words)
        if config.cluster_min_healthy_percentages:
            return assumed(request, entry, "it depends on the health of clusters")
        response = local_reply(request, 200, "health_check_ok")
        return ended(Disposition.DIRECT_RESPONSE, response, entry, "a health check, and the proxy is taken for healthy")

    return run
