"""Compressing and decompressing bodies.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/compressor/v3/compressor.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/decompressor/v3/decompressor.proto
"""

from __future__ import annotations

from meshscope.xds.ext_authz import RuntimeFeatureFlag
from meshscope.xds.extension import Extension
from meshscope.xds.message import Message


class CommonDirection(Message, frozen=True):
    """`enabled` None is on."""

    enabled: RuntimeFeatureFlag | None = None
    min_content_length: int | None = None
    content_type: tuple[str, ...] = ()
    ignore_no_transform_header: bool = False


class RequestDirection(Message, frozen=True):
    """`advertise_accept_encoding` is the decompressor's; None is on."""

    common_config: CommonDirection = CommonDirection()
    advertise_accept_encoding: bool | None = None


class ResponseDirection(Message, frozen=True):
    common_config: CommonDirection = CommonDirection()
    remove_accept_encoding_header: bool = False


class Compressor(Message, frozen=True):
    """Without `request_direction_config` no request is compressed."""

    compressor_library: Extension = Extension()
    request_direction_config: RequestDirection | None = None
    response_direction_config: ResponseDirection | None = None
    remove_accept_encoding_header: bool = False
    runtime_enabled: RuntimeFeatureFlag | None = None


class ResponseOverrides(Message, frozen=True):
    remove_accept_encoding_header: bool | None = None


class CompressorOverrides(Message, frozen=True):
    response_direction_config: ResponseOverrides | None = None


class CompressorPerRoute(Message, frozen=True):
    """`disabled` or `overrides`."""

    disabled: bool = False
    overrides: CompressorOverrides | None = None


class Decompressor(Message, frozen=True):
    decompressor_library: Extension = Extension()
    request_direction_config: RequestDirection = RequestDirection()
    response_direction_config: ResponseDirection = ResponseDirection()
