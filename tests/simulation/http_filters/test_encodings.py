from __future__ import annotations

import pytest

from meshscope.simulation.http_filters.encodings import encoding_of

from .walks import extension


@pytest.mark.parametrize(("kind", "name"), [("gzip", "gzip"), ("brotli", "br"), ("zstd", "zstd")])
def test_a_library_has_the_name_of_its_encoding(kind: str, name: str) -> None:
    config = {"@type": f"type.googleapis.com/envoy.extensions.compression.{kind}.compressor.v3.It"}
    assert encoding_of(extension({"name": "any", "typed_config": config})) == name
