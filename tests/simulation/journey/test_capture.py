"""Whether iptables lead a connection into the sidecar: each annotation fires, and leaves its neighbours alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.istio.labels import Labels
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import PodFact
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.journey import capture
from meshscope.snapshot.snapshot import Captured, Snapshot

ADMIN = "type.googleapis.com/envoy.admin.v3."


def proxy(**metadata: Any) -> Proxy:
    node = {"id": "sidecar~10.9.0.1~client.default~default.svc.cluster.local", "metadata": metadata}
    dump = {"configs": [{"@type": ADMIN + "BootstrapConfigDump", "bootstrap": {"node": node}}]}
    return Mesh(Snapshot((Captured(Document.of("dump.json", json.dumps(dump).encode())),))).proxies[0]


def pod(annotations: dict[str, str] = {}, *, host_network: bool = False) -> PodFact:  # noqa: B006  # never changed
    named = {f"traffic.sidecar.istio.io/{name}": value for name, value in annotations.items()}
    return PodFact(
        name="client",
        namespace="default",
        ips=("10.9.0.1",),
        annotations=Labels(tuple(named.items())),
        host_network=host_network,
    )


@pytest.mark.parametrize(
    ("annotations", "ip", "port", "enters"),
    [
        ({}, "10.0.0.1", 80, True),
        ({}, None, 80, True),
        ({}, "127.0.0.1", 80, False),
        ({}, "::1", 80, False),
        ({"excludeOutboundPorts": "80, 443"}, "10.0.0.1", 443, False),
        ({"excludeOutboundPorts": "80, 443"}, "10.0.0.1", 44, True),
        ({"excludeOutboundIPRanges": "10.0.0.0/24"}, "10.0.0.255", 80, False),
        ({"excludeOutboundIPRanges": "10.0.0.0/24"}, "10.0.1.0", 80, True),
        ({"excludeOutboundIPRanges": "10.0.0.0/24"}, None, 80, True),
        ({"includeOutboundIPRanges": "10.0.0.0/24"}, "10.0.0.7", 80, True),
        ({"includeOutboundIPRanges": "10.0.0.0/24"}, "10.0.1.7", 80, False),
        ({"includeOutboundIPRanges": "10.0.0.0/24", "includeOutboundPorts": "80"}, "10.0.1.7", 80, True),
        ({"includeOutboundIPRanges": "*"}, "10.0.1.7", 80, True),
    ],
)
def test_outbound(annotations: dict[str, str], ip: str | None, port: int, *, enters: bool) -> None:
    found = capture.outbound(proxy(), pod(annotations), ip, port)
    assert found.enters is enters
    assert found.because


@pytest.mark.parametrize(
    ("annotations", "port", "enters"),
    [
        ({}, 8080, True),
        ({}, 15090, False),
        ({}, 15091, True),
        ({"includeInboundPorts": "80,8080"}, 8080, True),
        ({"includeInboundPorts": "80,8080"}, 808, False),
        ({"includeInboundPorts": "*"}, 808, True),
        ({"excludeInboundPorts": "8080"}, 8080, False),
        ({"excludeInboundPorts": "8080"}, 80, True),
    ],
)
def test_inbound(annotations: dict[str, str], port: int, *, enters: bool) -> None:
    assert capture.inbound(proxy(), pod(annotations), port).enters is enters


def test_nothing_is_redirected_on_the_hosts_network_or_with_interception_mode_none() -> None:
    assert not capture.outbound(proxy(), pod(host_network=True), "10.0.0.1", 80).enters
    assert not capture.inbound(proxy(INTERCEPTION_MODE="NONE"), pod(), 8080).enters
    assert capture.inbound(proxy(INTERCEPTION_MODE="TPROXY"), pod(), 8080).enters


def test_without_the_pod_the_defaults_hold() -> None:
    assert capture.outbound(proxy(), None, "10.0.0.1", 80).enters
    assert not capture.inbound(proxy(), None, 15021).enters
