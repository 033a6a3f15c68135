"""`envoy.filters.http.set_metadata`: dynamic metadata that the configuration holds.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/set_metadata_filter
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filter import Configured, Outcomes, Run, Scene, Site, passed, with_metadata
from meshscope.xds.header_mutation import SetMetadata, SetMetadataEntry


def make(site: Site, own: Configured, overrides: tuple[Configured, ...]) -> Run:
    config = (overrides[0] if overrides else own).message
    entries = config.metadata if isinstance(config, SetMetadata) else ()
    if isinstance(config, SetMetadata) and config.metadata_namespace:
        entries = (
            SetMetadataEntry(metadata_namespace=config.metadata_namespace, value=config.value, allow_overwrite=True),
            *entries,
        )

    def run(request: HttpRequest, scene: Scene) -> Outcomes:
        for entry in entries:
            if entry.allow_overwrite or entry.metadata_namespace not in request.metadata:
                request = with_metadata(request, entry.metadata_namespace, entry.value)
        return passed(request, scene, site, f"writes {len(entries)} metadata")

    return run
