"""Fields that a message does not have, in bootstrap files alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.envoy.reading import read_document
from meshscope.envoy.unknown_fields import unknown_fields
from meshscope.location import Document

TCP = "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"
RANGES = [{"address_prefix": "10.0.0.0", "prefix_len": 8}]


def found(body: dict[str, Any]) -> list[tuple[str, str, str]]:
    ((_, dump),), _ = read_document(Document.of("envoy.json", json.dumps(body).encode()))
    return [(one.fault, one.path, str(one.location.path[-1])) for one in unknown_fields(dump)]


def listening(chain: dict[str, Any], **listener: Any) -> dict[str, Any]:
    address = {"socket_address": {"address": "10.0.0.9", "port_value": 80}}
    return {
        "static_resources": {"listeners": [{"name": "l", "address": address, "filter_chains": [chain], **listener}]}
    }


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (
            listening({"source_prefix_ranges": RANGES, "filters": []}),
            "FilterChain has no field source_prefix_ranges (FilterChainMatch has)",
        ),
        (listening({"filter_chain_match": {"source_prefix_ranges": RANGES}}), ""),
        (listening({"filterChainMatch": {"sourcePrefixRanges": RANGES}}), ""),
        (listening({}, per_connection_bufer_limit_bytes=1), "Listener has no field per_connection_bufer_limit_bytes"),
        (listening({}, per_connection_buffer_limit_bytes=1), ""),
        (
            listening(
                {"filters": [{"name": "t", "typed_config": {"@type": TCP, "stat_prefix": "s", "clusters": "c"}}]}
            ),
            "TcpProxy has no field clusters (WeightedCluster has)",
        ),
        (
            listening({"filters": [{"name": "t", "typed_config": {"@type": TCP, "stat_prefix": "s", "cluster": "c"}}]}),
            "",
        ),
        (listening({"filters": [{"name": "t", "typed_config": {"@type": "example.com/mine", "anything": 1}}]}), ""),
        (listening({"filters": [{"name": "envoy.tcp_proxy", "config": {"stat_prefix": "s", "clusters": "c"}}]}), ""),
        (listening({"metadata": {"filter_metadata": {"a": {"b": 1}}}}), ""),
        ({"admin": {"adress": {}}, **listening({})}, "Admin has no field adress"),
        ({"node": {"id": "a", "metadata": {"any": {"thing": 1}}}, **listening({})}, ""),
    ],
)
def test_what_a_message_does_not_have_is_named(body: dict[str, Any], fault: str) -> None:
    assert [one[0] for one in found(body)] == ([fault] if fault else [])


def test_the_place_is_the_fields_own() -> None:
    ((_, path, last),) = found(listening({"use_proxy": True}))
    assert path == "static_resources.listeners[0].filter_chains[0].use_proxy"
    assert last == "use_proxy"


def test_what_an_envoy_dumped_itself_is_not_doubted() -> None:
    bootstrap = {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": listening({"new": 1})}
    assert found({"configs": [bootstrap]}) == []
