"""`envoy.filters.http.set_metadata`: writes dynamic metadata from its configuration.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/set_metadata_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    passes,
)
from meshscope.xds.header_mutation import SetMetadata, SetMetadataEntry


def _filter(entry: FilterEntry, config: SetMetadata) -> Filter:
    entries = config.metadata
    if config.metadata_namespace:
        entries = (
            SetMetadataEntry(metadata_namespace=config.metadata_namespace, value=config.value, allow_overwrite=True),
            *entries,
        )

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        namespaces = []
        for one in entries:
            if one.allow_overwrite or one.metadata_namespace not in request.metadata:
                request = with_metadata(request, one.metadata_namespace, one.value)
                namespaces.append(one.metadata_namespace)
        because = f"writes metadata {', '.join(namespaces)}" if namespaces else "writes no metadata"
        return passes(request, context, entry, because)

    return run


make = by_most_specific(SetMetadata, "metadata to set", _filter)
