"""Copies of a request that go to other clusters. They never decide: their answers are thrown away.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-requestmirrorpolicy
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.location import Location
from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.simulation.trace import Step, StepKind
from meshscope.xds.route import RouteConfigurationHead, VirtualHost
from meshscope.xds.route_action import RequestMirrorPolicy, RouteAction


def mirror_policies(
    action: RouteAction, host: VirtualHost, table: RouteConfigurationHead
) -> tuple[RequestMirrorPolicy, ...]:
    """The list of the route; without one that of the virtual host, else of the table."""
    return action.request_mirror_policies or host.request_mirror_policies or table.request_mirror_policies


def mirror_steps(
    policies: tuple[RequestMirrorPolicy, ...], request: HttpRequest, envoy: Envoy, location: Location | None
) -> Iterator[Step]:
    """One for each cluster that gets a copy of all requests or of a share."""
    for policy in policies:
        cluster = policy.cluster or next(iter(request.values(policy.cluster_header)), "")
        share = runtime_share(policy.runtime_fraction, request, envoy) if policy.runtime_fraction else None
        if cluster and not (share and share.is_off):
            of = f" of {share}" if share and not share.is_certain else ""
            because = f"a copy{of} goes there; its answer is thrown away"
            yield Step(kind=StepKind.MIRROR, chosen=cluster, because=because, location=location)
