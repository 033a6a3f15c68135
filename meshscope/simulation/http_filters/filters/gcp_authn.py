"""`envoy.filters.http.gcp_authn`: a token of Google's metadata server in a header, if the cluster names an audience.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/gcp_authn_filter
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    passes,
)
from meshscope.xds.header_writers import GcpAuthn


def _filter(entry: FilterEntry, config: GcpAuthn) -> Filter:
    name = (config.token_header.name if config.token_header else "").lower() or "authorization"

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        hidden = replace(request, hidden=request.hidden | {name})
        return passes(hidden, context, entry, f"it may write a token into header {name}")

    return run


make = by_most_specific(GcpAuthn, "one of Google's authentication", _filter)
