"""`envoy.filters.http.buffer`: 413 for a body that is longer than it may hold.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter
Bodies are not part of a request here; `content-length` says how long one is.
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed,
    ended,
    passed,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.xds.http_filter_config import Buffer, BufferPerRoute


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = (overrides[0] if overrides else own).message
    if isinstance(config, BufferPerRoute):
        if config.disabled or config.buffer is None:
            return lambda request, context: passed(request, context, entry, "off at this route")
        config = config.buffer
    if not isinstance(config, Buffer) or config.max_request_bytes is None:
        return lambda request, _: assumed(request, entry, "its limit does not read")
    most = config.max_request_bytes

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        told = "".join(request.values("content-length"))
        if not told.isdecimal() or int(told) <= most:
            return passed(request, context, entry, f"a body of {told or 'unknown'} bytes; at most {most}")
        response = local_reply(request, 413, "request_payload_too_large")
        return ended(Disposition.PROTOCOL_ERROR, response, entry, f"content-length is {told}; at most {most} was asked")

    return run
