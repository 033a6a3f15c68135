"""`envoy.filters.http.buffer`: 413 for a body larger than the buffer.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter
A request has no body here; its length is taken from `content-length`.
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.body import buffered
from meshscope.simulation.http_filters.buffering import length_because, where_it_fits
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    passes,
)
from meshscope.xds.http_filter_config import Buffer, BufferPerRoute


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = (overrides[0] if overrides else own).message
    if isinstance(config, BufferPerRoute):
        if config.disabled or config.buffer is None:
            return lambda request, context: passes(request, context, entry, "disabled on this route")
        config = config.buffer
    if not isinstance(config, Buffer) or config.max_request_bytes is None:
        return lambda request, _: assumed_to_pass(request, entry, "its limit cannot be read")
    limit = config.max_request_bytes

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        passing = passes(buffered(request), context, entry, length_because(request, limit))
        return where_it_fits(passing, request, limit, entry)

    return run
