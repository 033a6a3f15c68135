from __future__ import annotations

from typing import Any

import pytest

from ..walks import entry, filter_list, outcomes, request, request_after

KIND = "type.googleapis.com/envoy.extensions.compression.gzip.decompressor.v3.Gzip"
OFF = {"common_config": {"enabled": {"default_value": False}}}


def decompressor(**more: Any) -> Any:
    library = {"name": "z", "typed_config": {"@type": KIND}}
    return filter_list(entry("decompressor.v3.Decompressor", decompressor_library=library, **more))


@pytest.mark.parametrize(
    ("there", "advertised"),
    [
        ((), "gzip"),
        (("br, zstd",), "br,zstd,gzip"),
        (("br", "zstd"), "br,zstd,gzip"),
        (("gzip;q=0.5,br",), "br,gzip"),
        (("GZIP",), "GZIP,gzip"),
    ],
)
def test_its_encoding_is_advertised_behind_the_others(there: tuple[str, ...], advertised: str) -> None:
    asking = request("/", *(("accept-encoding", text) for text in there))
    assert request_after(decompressor(), asking).values("accept-encoding") == (advertised,)
    for off in ({"request_direction_config": {"advertise_accept_encoding": False}}, {"response_direction_config": OFF}):
        assert request_after(decompressor(**off), asking) == asking


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ((("content-encoding", "gzip"),), ()),
        ((("content-encoding", "GZIP , br"),), ("br",)),
        ((("content-encoding", "br, gzip"),), ("br, gzip",)),
        ((("content-encoding", "x-gzip"),), ("x-gzip",)),
        ((("content-encoding", "gzip"), ("cache-control", "no-transform")), ("gzip",)),
    ],
)
def test_the_outermost_encoding_is_taken_away(headers: Any, left: tuple[str, ...]) -> None:
    asking = request("/", *headers, ("content-length", "4"), method="POST")
    assert request_after(decompressor(), asking).values("content-encoding") == left
    bare = request("/", *headers, method="POST")
    assert request_after(decompressor(), bare).values("content-encoding") == bare.values("content-encoding")


def test_over_http2_the_body_may_be_missing() -> None:
    both = outcomes(decompressor(), request("/", ("content-encoding", "gzip"), method="POST", protocol="http2"))
    assert [one.condition for one in both] == ["it has a body", "it has no body"]
