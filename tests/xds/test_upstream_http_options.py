from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.upstream_http_options import KEY, HttpProtocolOptions, http_protocol_options

TYPE = f"type.googleapis.com/{KEY}"


def found(cluster: dict[str, Any]) -> HttpProtocolOptions | Undecodable:
    read = decode(json.dumps(cluster).encode(), Cluster)
    assert isinstance(read, Cluster)
    return http_protocol_options(read)


def protocols(cluster: dict[str, Any], downstream: str = "http1") -> tuple[str, ...]:
    options = found(cluster)
    assert isinstance(options, HttpProtocolOptions)
    return options.protocols(downstream)


@pytest.mark.parametrize(
    ("config", "spoken"),
    [
        ({}, ("http1",)),
        ({"explicit_http_config": {"http_protocol_options": {}}}, ("http1",)),
        ({"explicit_http_config": {"http2_protocol_options": {}}}, ("http2",)),
        ({"explicit_http_config": {"http3_protocol_options": {}}}, ("http3",)),
        ({"auto_config": {}}, ("http2", "http1")),
        ({"auto_config": {"http3_protocol_options": {}}}, ("http3", "http2", "http1")),
    ],
)
def test_the_extension_says_what_is_spoken(config: dict[str, Any], spoken: tuple[str, ...]) -> None:
    assert protocols({"typed_extension_protocol_options": {KEY: {"@type": TYPE, **config}}}) == spoken


@pytest.mark.parametrize(
    ("downstream", "http3", "spoken"),
    [
        ("http1", False, "http1"),
        ("http10", False, "http1"),
        ("http2", False, "http2"),
        ("http3", False, "http2"),
        ("http3", True, "http3"),
    ],
)
def test_the_clients_protocol_may_go_on(downstream: str, http3: bool, spoken: str) -> None:
    config: dict[str, Any] = {"http3_protocol_options": {}} if http3 else {}
    options = {KEY: {"@type": TYPE, "use_downstream_protocol_config": config}}
    assert protocols({"typed_extension_protocol_options": options}, downstream) == (spoken,)


def test_fields_of_the_cluster_itself_say_the_same_as_the_extension() -> None:
    assert protocols({"http2_protocol_options": {}}) == ("http2",)
    assert protocols({"http2_protocol_options": {}, "protocol_selection": "USE_DOWNSTREAM_PROTOCOL"}) == ("http1",)
    assert protocols({}) == ("http1",)
    old = found({"upstream_http_protocol_options": {"auto_sni": True}})
    assert isinstance(old, HttpProtocolOptions)
    assert old.upstream_http_protocol_options.auto_sni


@pytest.mark.parametrize("options", [{"@type": "type.googleapis.com/acme.Other"}, {"@type": TYPE, "auto_config": 7}])
def test_what_does_not_read_is_a_value(options: dict[str, Any]) -> None:
    assert isinstance(found({"typed_extension_protocol_options": {KEY: options}}), Undecodable)
