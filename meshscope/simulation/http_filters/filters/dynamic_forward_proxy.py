"""`envoy.filters.http.dynamic_forward_proxy`: rewrites the host, then resolves it, where the route's cluster is of its type.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/dynamic_forward_proxy_filter
Whether the name resolves is the cluster's question, too, and answered there.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    passes,
)
from meshscope.xds.http_filter_config import DynamicForwardProxyPerRoute


def make(entry: FilterEntry, _own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    chosen = overrides[0].message if overrides else None
    config = chosen if isinstance(chosen, DynamicForwardProxyPerRoute) else DynamicForwardProxyPerRoute()

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if not context.route.forward_proxy:
            return passes(request, context, entry, "the cluster is no dynamic forward proxy")
        header = next(iter(request.values(config.host_rewrite_header)), "") if config.host_rewrite_header else ""
        host = config.host_rewrite_literal or header
        if not host:
            return passes(request, context, entry, "resolves the host that the request names")
        return passes(replace(request, authority=host), context, entry, f"the host becomes {host}")

    return run
