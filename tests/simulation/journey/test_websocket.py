"""A WebSocket from proxy to proxy over HTTP/2; each row is the answer of an Envoy 1.40."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from tests.mesh.meshes import NETWORK, clusters, dump, listeners, mesh_of

HTTP2 = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {"allow_connect": True}},
    }
}
INNER = {
    "name": "up",
    "type": "STATIC",
    "load_assignment": {
        "cluster_name": "up",
        "endpoints": [
            {"lb_endpoints": [{"endpoint": {"address": {"envoy_internal_address": {"server_listener_name": "inner"}}}}]}
        ],
    },
}


def listener(name: str, route: dict[str, Any], address: dict[str, Any], **manager: Any) -> dict[str, Any]:
    config = {
        "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "route_config": {
            "name": name,
            "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, **route}]}],
        },
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
            }
        ],
        **manager,
    }
    return {"name": name, **address, "filter_chains": [{"filters": [{"name": "http", "typed_config": config}]}]}


OUTER = listener(
    "outer",
    {"route": {"cluster": "up"}},
    {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}}},
)


@pytest.mark.parametrize(
    ("protocol", "allow_connect", "disposition"),
    [
        (HTTP2, True, "direct_response"),
        (HTTP2, False, "protocol_error"),
        ({}, False, "direct_response"),
    ],
)
def test_an_upgrade_reaches_the_next_proxy(protocol: dict[str, Any], allow_connect: bool, disposition: str) -> None:
    inner = listener(
        "inner",
        {"direct_response": {"status": 200}},
        {"internal_listener": {}},
        http2_protocol_options={"allow_connect": allow_connect},
    )
    cluster = {**INNER, "typed_extension_protocol_options": protocol}
    request = Request(
        dest="http://shop.example/",
        to="10.0.0.1:80",
        listener="outer",
        headers=(("connection", "upgrade"), ("upgrade", "websocket")),
    )
    (path,) = Simulator(mesh_of(dump(listeners(OUTER, inner), clusters(cluster)))).trace(request).paths
    assert path.disposition == disposition
    assert [hop.listener for hop in path.hops] == ["outer", "inner"]
