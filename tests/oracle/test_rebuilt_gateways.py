"""A real Envoy takes the listeners and routes of a gateway that a what-if rebuilds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from meshscope.envoy.resource import LISTENER, ROUTES
from meshscope.mesh.proxy import Proxy
from meshscope.overlay.what_if import WhatIf

from ..overlay.asking import mesh_of, written
from ..overlay.gateways.test_connections import ROUTES as CONNECTIONS
from ..overlay.gateways.test_listeners import POLICY, SERVERS_OF_OTHERS
from ..overlay.gateways.test_translated import OBJECTS
from .real_envoy import binary

pytestmark = pytest.mark.oracle
Json = Any
OWN_PORTS = ("15021", "15090")
"""Those of the bootstrap, whose clusters are none of istiod's."""
ADS = {
    "name": "ads",
    "type": "STATIC",
    "load_assignment": {"cluster_name": "ads"},
    "typed_extension_protocol_options": {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": {"http2_protocol_options": {}},
        }
    },
}


def test_what_is_made_anew_is_valid(tmp_path: Path) -> None:
    what_if = WhatIf(
        mesh_of("gateways"), (*written(POLICY), *written(SERVERS_OF_OTHERS), *written(CONNECTIONS), *OBJECTS)
    )
    (proxy,) = (one for one in what_if.mesh.proxies if one.name.startswith("istio-ingressgateway"))
    listeners = rebuilt(proxy)
    assert {one["name"] for one in listeners} == {"0.0.0.0_8080", "0.0.0.0_8443", "0.0.0.0_8000"}
    config = tmp_path / "envoy.json"
    config.write_text(json.dumps(bootstrap(listeners)))
    done = subprocess.run([binary(), "--mode", "validate", "-c", config], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def rebuilt(proxy: Proxy) -> list[Json]:
    """The listeners with their routes inside."""
    tables = {one.name: body(one.canonical()) for one in proxy.resources(ROUTES) if one.in_effect}
    found = [body(one.canonical()) for one in proxy.resources(LISTENER) if one.in_effect]
    found = [one for one in found if not one["name"].endswith(OWN_PORTS)]
    for listener in found:
        for chain in listener.get("filter_chains", ()):
            for each in chain["filters"]:
                if rds := each["typed_config"].pop("rds", None):
                    each["typed_config"]["route_config"] = tables[rds["route_config_name"]]
    return [one for one in found if one["name"][0].isdigit()]


def body(text: Any) -> Json:
    found = msgspec.json.decode(text)
    found.pop("@type", None)
    return found


def bootstrap(listeners: list[Json]) -> Json:
    grpc = {"envoy_grpc": {"cluster_name": "ads"}}
    return {
        "node": {"id": "rebuilt", "cluster": "rebuilt"},
        "static_resources": {"listeners": listeners, "clusters": [ADS]},
        "dynamic_resources": {
            "ads_config": {"api_type": "GRPC", "transport_api_version": "V3", "grpc_services": [grpc]}
        },
    }
