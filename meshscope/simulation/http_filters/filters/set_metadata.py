"""`envoy.filters.http.set_metadata`: dynamic metadata that the configuration holds.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/set_metadata_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    passed,
)
from meshscope.xds.header_mutation import SetMetadata, SetMetadataEntry


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = (overrides[0] if overrides else own).message
    entries = config.metadata if isinstance(config, SetMetadata) else ()
    if isinstance(config, SetMetadata) and config.metadata_namespace:
        entries = (
            SetMetadataEntry(metadata_namespace=config.metadata_namespace, value=config.value, allow_overwrite=True),
            *entries,
        )

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        for one in entries:
            if one.allow_overwrite or one.metadata_namespace not in request.metadata:
                request = with_metadata(request, one.metadata_namespace, one.value)
        return passed(request, context, entry, f"writes {len(entries)} metadata")

    return run
