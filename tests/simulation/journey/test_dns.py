"""Where the address of a name comes from, source by source."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.dns import Resolved, resolve
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot

ME = ProxyId("", "default", "client")
NODE = {"id": "sidecar~10.9.0.1~client.default~default.svc.cluster.local", "metadata": {"DNS_CAPTURE": "true"}}
TABLE = {"table": {
    "svc.default.svc.cluster.local": {
        "ips": ["10.0.0.9"], "registry": "Kubernetes", "shortname": "svc", "namespace": "default"},
    "entry.example": {"ips": ["240.240.0.1", "2001:db8::1", "240.240.0.2"], "registry": "External"},
    "*.wild.example": {"ips": ["240.240.0.3"], "registry": "External"},
}}  # fmt: skip
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "svc", "namespace": "default"},
           "spec": {"clusterIP": "10.0.0.1", "ports": [{"port": 80}]}}  # fmt: skip
ENTRY = {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry",
         "metadata": {"name": "entry", "namespace": "default"},
         "spec": {"hosts": ["entry.example"], "addresses": ["10.0.0.2"],
                  "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}]}}  # fmt: skip


def document(name: str, value: Any, kind: str = "", owner: ProxyId | None = None) -> Captured:
    return Captured(Document.of(name, json.dumps(value).encode()), kind, owner)


def dump(node: Any = NODE) -> Captured:
    bootstrap = {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": {"node": node}}
    return document("dump.json", {"configs": [bootstrap]}, owner=ME)


def resolved(name: str, *documents: Captured) -> Resolved:
    mesh = Mesh(Snapshot((document("manifests.json", SERVICE), document("entry.json", ENTRY), *documents)))
    return resolve(mesh.network, name, "default", 80, mesh.proxies[0])


def test_a_services_address_goes_before_the_agents_table() -> None:
    assert resolved("svc", dump(), document("ndsz.json", TABLE, owner=ME)).ips == ("10.0.0.1",)


def test_the_agents_table_goes_before_a_service_entrys_addresses() -> None:
    """One request takes one address of the family that comes first."""
    found = resolved("entry.example", dump(), document("ndsz.json", TABLE, owner=ME))
    assert found.ips == ("240.240.0.1", "240.240.0.2")
    assert found.step.because == "entry.example in the DNS table of client.default"
    assert found.step.location is not None
    assert found.step.location.place().path == 'table["entry.example"]'
    assert found.service is not None
    assert found.service.host == "entry.example"


def test_without_a_table_the_service_entry_tells() -> None:
    assert resolved("entry.example", dump()).ips == ("10.0.0.2",)


@pytest.mark.parametrize("node", [{**NODE, "metadata": {}}, {**NODE, "metadata": {"DNS_CAPTURE": "false"}}])
def test_a_node_that_captures_no_dns_does_not_answer_from_its_table(node: Any) -> None:
    assert resolved("entry.example", dump(node), document("ndsz.json", TABLE, owner=ME)).ips == ("10.0.0.2",)
    assert resolved("a.wild.example", dump(node), document("ndsz.json", TABLE, owner=ME)).ips == ()


def test_a_wildcard_of_the_table_knows_what_nobody_else_does() -> None:
    table = document(
        "istiod_ndsz.json", {"resource": {"@type": "x/istio.networking.nds.v1.NameTable", **TABLE}}, owner=ME
    )
    found = resolved("a.wild.example", dump(), table)
    assert (found.ips, found.step.chosen) == (("240.240.0.3",), "a.wild.example → 240.240.0.3")
    assert resolved("wild.example", dump(), table).step.verdict == "unknown"


def test_a_table_that_did_not_come_is_no_table() -> None:
    lost = Captured(Document.lost("ndsz", "answered 403"), "debug/ndsz", ME)
    assert resolved("a.wild.example", dump(), lost).step.verdict == "unknown"
