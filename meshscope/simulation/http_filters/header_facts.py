"""What the operators in a header's value are answered from while a route is in force: for filters, for Envoy's own answers.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.http_filters.filter import FilterContext
from meshscope.simulation.request import Headers
from meshscope.xds.metadata import Metadata


def header_facts(
    request: HttpRequest,
    context: FilterContext,
    response: Headers | None = None,
    *,
    host_chosen: bool = False,
) -> SubstitutionFacts:
    """Without a route, and of a cluster that is not there, all is empty. The router alone knows a virtual cluster."""
    scope = context.route
    cluster = context.cluster(scope.cluster) if scope.cluster else None
    return SubstitutionFacts(
        request=request,
        connection=context.connection,
        response=response,
        route_name=scope.route.name if scope.route else "",
        cluster=cluster.name if cluster else "",
        route_metadata=scope.route.metadata if scope.route else Metadata(),
        virtual_host_metadata=scope.virtual_host.metadata if scope.virtual_host else Metadata(),
        cluster_metadata=cluster.metadata if cluster else Metadata(),
        host_chosen=host_chosen,
    )
