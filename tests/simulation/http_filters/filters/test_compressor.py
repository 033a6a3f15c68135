from __future__ import annotations

from typing import Any

import pytest

from ..walks import context, entry, filter_list, request, request_after, scope, typed

GZIP = {
    "name": "z",
    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.compression.gzip.compressor.v3.Gzip"},
}
TEXT = ("content-type", "text/plain")
REQUESTS: dict[str, Any] = {"request_direction_config": {}}
HIDES = {"response_direction_config": {"remove_accept_encoding_header": True}}
OFF = {"common_config": {"enabled": {"default_value": False}}}


def compressor(**more: Any) -> Any:
    return filter_list(entry("compressor.v3.Compressor", compressor_library=GZIP, **more))


@pytest.mark.parametrize(
    ("headers", "compressed"),
    [
        ((TEXT, ("content-length", "30")), True),
        ((TEXT, ("content-length", "29")), False),
        ((("content-length", "100"),), True),
        ((("content-type", "Text/Plain; charset=x"), ("content-length", "100")), True),
        ((("content-type", "image/png"), ("content-length", "100")), False),
        ((TEXT, ("content-length", "100"), ("content-encoding", "")), False),
        ((TEXT, ("transfer-encoding", "chunked")), True),
        ((TEXT,), False),
    ],
)
def test_a_body_is_compressed_by_its_type_length_and_encoding(headers: Any, compressed: bool) -> None:
    asking = request("/", *headers, method="POST")
    after = request_after(compressor(**REQUESTS), asking)
    if compressed:
        assert after.values("content-encoding") == ("gzip",)
        assert not after.values("content-length")
    else:
        assert after == asking
    assert request_after(compressor(), asking) == asking


@pytest.mark.parametrize(
    ("config", "per_route", "hidden"),
    [
        (HIDES, None, True),
        ({}, None, False),
        ({"remove_accept_encoding_header": True}, None, True),
        ({"response_direction_config": {**HIDES["response_direction_config"], **OFF}}, None, False),
        (HIDES, {"disabled": True}, False),
        (HIDES, {"overrides": {"response_direction_config": {"remove_accept_encoding_header": False}}}, False),
        ({}, {"overrides": {"response_direction_config": {"remove_accept_encoding_header": True}}}, True),
        ({"response_direction_config": {**HIDES["response_direction_config"], **OFF}},
         {"overrides": {"response_direction_config": {}}}, True),
    ],
)  # fmt: skip
def test_accept_encoding_is_kept_from_the_upstream_where_responses_may_be_compressed(
    config: Any, per_route: Any, hidden: bool
) -> None:
    route = scope(typed("compressor.v3.CompressorPerRoute", **per_route) if per_route else None)
    after = request_after(compressor(**config), request("/", ("accept-encoding", "gzip")), context(route=route))
    assert (not after.values("accept-encoding")) == hidden
