"""`envoy.filters.http.buffer`: 413 for a body larger than the buffer.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter
A request has no body here; its length is taken from `content-length`. Over HTTP/2 a body in one DATA frame, the last one of
the request, is never buffered, whatever its length.
"""

from __future__ import annotations

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.body import body_length
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.local_reply import local_reply
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
        length = body_length(request)
        given = "".join(request.values("content-length"))
        because = f"content-length is {given or 'absent'}; max_request_bytes is {limit}"
        passing = passes(request, context, entry, because)
        if length is not None and length <= limit:
            return passing
        refusal = ends(
            Disposition.PROTOCOL_ERROR, local_reply(request, 413, "request_payload_too_large"), entry, because
        )
        if request.protocol == "http1" and length is not None:
            return refusal
        whole = "" if request.protocol == "http1" else ", or comes in one DATA frame"
        return (
            under_condition(passing[0], f"the body is within max_request_bytes{whole}"),
            under_condition(refusal[0], "the body is beyond max_request_bytes"),
        )

    return run
