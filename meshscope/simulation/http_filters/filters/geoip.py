"""`envoy.filters.http.geoip`: where the client is, in headers. What the database knows is unknown.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/geoip_filter
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    by_most_specific,
    passes,
)
from meshscope.xds.header_writers import Geoip, GeoProvider
from meshscope.xds.message import Undecodable, decode


def _filter(entry: FilterEntry, config: Geoip) -> Filter:
    provider = decode(config.provider.typed_config, GeoProvider)
    if isinstance(provider, Undecodable):
        return lambda request, _: assumed_to_pass(request, entry, f"its provider cannot be read: {provider.why}")
    said = provider.common_provider_config
    names = frozenset(
        name.lower() for name in (*said.geo_headers_to_add.values(), *said.geo_field_keys.values()) if name
    )
    listed = ", ".join(sorted(names))

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        hidden = replace(request, hidden=request.hidden | names)
        return passes(hidden, context, entry, f"it may write the headers {listed}" if listed else "it writes no header")

    return run


make = by_most_specific(Geoip, "a GeoIP provider", _filter)
