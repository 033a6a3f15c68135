"""`envoy.filters.http.compressor`: the body of a request may be compressed, and `accept-encoding` kept from the upstream.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/compressor_filter
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.body import has_body
from meshscope.simulation.http_filters.encodings import encoding_of
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    passes,
)
from meshscope.simulation.runtime_fraction import is_on
from meshscope.xds.compression import CommonDirection, Compressor, CompressorPerRoute, ResponseDirection
from meshscope.xds.ext_authz import RuntimeFeatureFlag

_SMALLEST = 30
_TYPES = frozenset({
    "application/javascript", "application/json", "application/xhtml+xml", "image/svg+xml", "text/css", "text/html",
    "text/plain", "text/xml", "text/javascript", "application/x-javascript", "application/xml", "application/grpc-web",
})  # fmt: skip


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    per_route = overrides[0].message if overrides else None
    if not isinstance(own.message, Compressor):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    said = per_route if isinstance(per_route, CompressorPerRoute) else CompressorPerRoute()
    return _Compressor(entry, own.message, said)


class _Compressor:
    def __init__(self, entry: FilterEntry, config: Compressor, per_route: CompressorPerRoute) -> None:
        self._entry, self._request, self._per_route = entry, config.request_direction_config, per_route
        response = config.response_direction_config
        older = ResponseDirection(
            common_config=CommonDirection(enabled=config.runtime_enabled),
            remove_accept_encoding_header=config.remove_accept_encoding_header,
        )
        self._response = older if response is None else response
        self._encoding = encoding_of(config.compressor_library)

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        headers = request.headers
        if self._removes_accept_encoding(request, context):
            headers = tuple(pair for pair in headers if pair[0] != "accept-encoding")
        because = self._why_not(request, context)
        if because:
            return passes(replace(request, headers=headers), context, self._entry, because)
        headers = set_header(headers, "content-encoding", self._encoding)
        left = tuple(pair for pair in headers if pair[0] != "content-length")
        return passes(replace(request, headers=left), context, self._entry, f"the body is compressed: {self._encoding}")

    def _removes_accept_encoding(self, request: HttpRequest, context: FilterContext) -> bool:
        """Only where responses may be compressed."""
        overrides = self._per_route.overrides and self._per_route.overrides.response_direction_config
        if self._per_route.disabled:
            return False
        if overrides is None and not _enabled(self._response.common_config.enabled, request, context):
            return False
        said = overrides.remove_accept_encoding_header if overrides else None
        return self._response.remove_accept_encoding_header if said is None else said

    def _why_not(self, request: HttpRequest, context: FilterContext) -> str:
        """Why the body is not compressed; "" where it is."""
        if self._request is None or not _enabled(self._request.common_config.enabled, request, context):
            return "requests are not compressed"
        common = self._request.common_config
        smallest = _SMALLEST if common.min_content_length is None else common.min_content_length
        length = "".join(request.values("content-length"))
        enough = int(length) >= smallest if length.isdecimal() else bool(request.values("transfer-encoding"))
        if has_body(request) is not True or not enough:
            return f"content-length is {length or 'absent'}; {smallest} at least was asked"
        if request.values("content-encoding"):
            return "it has a content-encoding"
        kind = ",".join(request.values("content-type")).partition(";")[0].strip().lower()
        kinds = {one.lower() for one in common.content_type} or _TYPES
        return "" if not kind or kind in kinds else f"content-type {kind} is not compressed"


def _enabled(flag: RuntimeFeatureFlag | None, request: HttpRequest, context: FilterContext) -> bool:
    if flag is None:
        return True
    return is_on(flag.runtime_key, default=flag.default_value, request=request, envoy=context.envoy)
