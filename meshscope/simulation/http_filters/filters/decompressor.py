"""`envoy.filters.http.decompressor`: advertises its encoding to the upstream, and decompresses the body of a request.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/decompressor_filter
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.body import has_body
from meshscope.simulation.http_filters.encodings import encoding_of
from meshscope.simulation.http_filters.filter import (
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    passes,
    under_condition,
)
from meshscope.simulation.runtime_fraction import is_on
from meshscope.xds.compression import CommonDirection, Decompressor


def _filter(entry: FilterEntry, config: Decompressor) -> Filter:
    encoding = encoding_of(config.decompressor_library)
    asked = config.request_direction_config

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        headers = request.headers
        if asked.advertise_accept_encoding is not False and _enabled(
            config.response_direction_config.common_config, request, context
        ):
            headers = set_header(headers, "accept-encoding", _advertised(request, encoding))
        plain = replace(request, headers=headers)
        body = has_body(request)
        if body is False or not _decompresses(asked.common_config, encoding, request, context):
            return passes(plain, context, entry, "the body stays as it is")
        rest = ",".join(request.values("content-encoding")).partition(",")[2].strip()
        headers = tuple(pair for pair in headers if pair[0] not in ("content-length", "content-encoding"))
        headers = (*headers, ("content-encoding", rest)) if rest else headers
        changed = passes(replace(request, headers=headers), context, entry, f"the body is decompressed: {encoding}")
        if body:
            return changed
        same = passes(plain, context, entry, "there is no body")
        return under_condition(changed[0], "it has a body"), under_condition(same[0], "it has no body")

    return run


def _decompresses(config: CommonDirection, encoding: str, request: HttpRequest, context: FilterContext) -> bool:
    """Whether a body is decompressed: its outermost encoding is this one, and nothing forbids it."""
    control = ",".join(request.values("cache-control")).lower()
    if "no-transform" in control and not config.ignore_no_transform_header:
        return False
    outermost = ",".join(request.values("content-encoding")).partition(",")[0].strip()
    return _enabled(config, request, context) and outermost.lower() == encoding


def _enabled(config: CommonDirection, request: HttpRequest, context: FilterContext) -> bool:
    flag = config.enabled
    if flag is None:
        return True
    return is_on(flag.runtime_key, default=flag.default_value, request=request, envoy=context.envoy)


def _advertised(request: HttpRequest, encoding: str) -> str:
    """The client's encodings without this one, and this one behind them."""
    listed = (part.strip() for part in ",".join(request.values("accept-encoding")).split(","))
    others = [part for part in listed if part and part.partition(";")[0].strip() != encoding]
    return ",".join((*others, encoding))


make = by_most_specific(Decompressor, "a decompressor", _filter)
