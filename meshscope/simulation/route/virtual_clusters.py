"""Virtual clusters: under which name a virtual host counts a request.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualcluster
"""

from __future__ import annotations

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.verdict import all_of
from meshscope.xds.matcher import HeaderMatcher
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.route import VirtualHost

OTHER = "other"


class VirtualClusters:
    """A virtual host's virtual clusters, read once."""

    def __init__(self, host: VirtualHost, envoy: Envoy) -> None:
        self._envoy = envoy
        self._individually = match_headers_individually(envoy)
        self._clusters = tuple(
            (cluster.name, tuple(decode(raw, HeaderMatcher) for raw in cluster.headers))
            for cluster in host.virtual_clusters
        )

    def name(self, request: HttpRequest) -> str | None:
        """The first one all of whose headers match, `other` where none does, "" where there are none; None: unknown."""
        for name, matchers in self._clusters:
            verdict = all_of(
                header_matches(matcher, request, self._envoy, individually=self._individually)
                for matcher in matchers
                if not isinstance(matcher, Undecodable)
            )
            if verdict.is_unknown or (verdict.is_yes and any(isinstance(m, Undecodable) for m in matchers)):
                return None
            if verdict.is_yes:
                return name
        return OTHER if self._clusters else ""
