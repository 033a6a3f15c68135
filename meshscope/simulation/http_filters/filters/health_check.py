"""`envoy.filters.http.health_check`: a matching request is answered with the proxy's own health.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/health_check_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    ends,
    passes,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.verdict import all_of
from meshscope.xds.http_filter_config import HealthCheck


def make(entry: FilterEntry, own: Configuration, _overrides: tuple[Configuration, ...]) -> Filter:
    config = own.message
    if not isinstance(config, HealthCheck):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        individually = match_headers_individually(context.envoy)
        verdicts = [header_matches(one, request, context.envoy, individually=individually) for one in config.headers]
        verdict = all_of(verdicts)
        if verdict.is_no:
            mismatch = config.headers[verdicts.index(verdict)]
            return passes(request, context, entry, f"not a health check: {header_because(mismatch, request)}")
        if verdict.is_unknown:
            return assumed_to_pass(request, entry, verdict.because)
        if config.pass_through_mode and config.cache_time:
            return assumed_to_pass(request, entry, "a cached answer is possible")
        if config.pass_through_mode:
            return passes(request, context, entry, "pass_through_mode, and the proxy is assumed to be healthy")
        if config.cluster_min_healthy_percentages:
            return assumed_to_pass(request, entry, "the answer depends on the health of clusters")
        response = local_reply(request, 200, "health_check_ok")
        return ends(Disposition.DIRECT_RESPONSE, response, entry, "a health check; the proxy is assumed to be healthy")

    return run
