"""What the libraries that compress and decompress call their encodings.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/compression/compression
"""

from __future__ import annotations

from meshscope.xds.extension import Extension

_NAMES = {"brotli": "br"}


def encoding_of(library: Extension) -> str:
    """`gzip` of `envoy.extensions.compression.gzip.compressor.v3.Gzip`."""
    kind = library.type_name.removeprefix("envoy.extensions.compression.").partition(".")[0]
    return _NAMES.get(kind, kind)
