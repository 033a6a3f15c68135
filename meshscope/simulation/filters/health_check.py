"""`envoy.filters.http.health_check`: requests that match are answered here with the proxy's own health.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/health_check_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.header_match import header_because, header_matches
from meshscope.simulation.http_filter import Configured, Outcomes, Run, Scene, Site, assumed, ended, passed
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.verdict import all_of
from meshscope.xds.http_filter_config import HealthCheck


def make(site: Site, own: Configured, _overrides: tuple[Configured, ...]) -> Run:
    config = own.message
    if not isinstance(config, HealthCheck):
        return lambda request, _: assumed(request, site, "its configuration does not read")

    def run(request: HttpRequest, scene: Scene) -> Outcomes:
        individually = match_headers_individually(scene.envoy)
        verdicts = [header_matches(one, request, scene.envoy, individually=individually) for one in config.headers]
        matched = all_of(verdicts)
        if matched.is_no:
            failed = config.headers[verdicts.index(matched)]
            return passed(request, scene, site, f"not a health check: {header_because(failed, request)}")
        if matched.is_unknown:
            return assumed(request, site, matched.because)
        if config.pass_through_mode:
            words = "a cached answer may be given" if config.cache_time else "passed through while the proxy is healthy"
            return assumed(request, site, words) if config.cache_time else passed(request, scene, site, words)
        if config.cluster_min_healthy_percentages:
            return assumed(request, site, "it depends on the health of clusters")
        response = local_reply(request, 200, "health_check_ok")
        return ended("direct_response", response, site, "a health check, and the proxy is taken for healthy")

    return run
