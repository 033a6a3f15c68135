"""`envoy.filters.http.set_filter_state`: filter state, which is not modelled; it may have the route chosen again.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/set_filter_state
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    passes,
    rerouted,
)
from meshscope.xds.set_filter_state import SetFilterState


def _filter(entry: FilterEntry, config: SetFilterState) -> Filter:
    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if not config.clear_route_cache:
            return passes(request, context, entry, "filter state is not modelled")
        return rerouted(passes(request, context, entry, "clear_route_cache: the route is chosen again"))

    return run


make = by_most_specific(SetFilterState, "filter state to set", _filter)
