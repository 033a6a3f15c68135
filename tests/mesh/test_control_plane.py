from __future__ import annotations

import json
from typing import Any

from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured

from .meshes import GATEWAY, PILOT, WEBSITE, bootstrap, captured, clusters, dump, mesh_of, recorded


def syncz(istiod: str, **states: tuple[str, str]) -> Captured:
    row: dict[str, Any] = {"proxy": "pod-1.default", "proxy_type": "sidecar", "istio_version": "1.20.0"}
    for name, (sent, acked) in states.items():
        row |= {f"{name}_sent": sent, f"{name}_acked": acked}
    return captured(f"{istiod}.json", [row], istiod=istiod)


def synced_by(mesh: Mesh) -> str:
    return mesh.synced[("default", "pod-1")].istiod


def test_a_recording_knows_the_sync_of_its_proxies() -> None:
    for name in (WEBSITE, PILOT):
        mesh = recorded(name)
        assert {(proxy.id.namespace, proxy.id.name) for proxy in mesh.proxies} <= set(mesh.synced)
        assert all(found.istiod for found in mesh.synced.values())
    gateway = recorded(WEBSITE).synced[("istio-system", GATEWAY.partition(".")[0])].sync
    assert (gateway.cds, gateway.lds, gateway.rds) == ("synced", "synced", "synced")


def test_a_proxy_that_moved_is_where_it_acknowledged_most() -> None:
    left = syncz("istiod-1", cluster=("2", "1"), listener=("2", "1"), route=("2", "1"), endpoint=("2", "1"))
    here = syncz("istiod-2", cluster=("3", "3"), listener=("3", "3"), route=("3", "3"), endpoint=("3", "3"))
    own = dump(bootstrap(), clusters())
    assert synced_by(mesh_of(own, left, here)) == synced_by(mesh_of(own, here, left)) == "istiod-2"


def test_a_connected_proxy_of_which_nothing_was_captured_is_no_proxy_of_the_mesh() -> None:
    mesh = mesh_of(dump(bootstrap("other.default"), clusters()), syncz("istiod-1", cluster=("1", "1")))
    assert [proxy.name for proxy in mesh.proxies] == ["other.default"]
    assert ("default", "pod-1") in mesh.synced


def test_what_an_old_pilot_writes_as_text_names_its_connections() -> None:
    mesh = recorded(PILOT)
    assert {(proxy.id.namespace, proxy.id.name) for proxy in mesh.proxies} <= set(mesh.connections)
    assert mesh.kind_of(mesh.proxies[0]) == "sidecar"
    assert {mesh.kind_of(proxy) for proxy in mesh.proxies} == {"sidecar", "gateway"}


def test_a_proxy_without_any_word_of_its_kind_is_told_by_its_listeners() -> None:
    empty = {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump"}
    for name, kind in (("virtualInbound", "sidecar"), ("http", "envoy")):
        listener = {"name": name, "activeState": {"listener": {"name": name}}}
        text = json.dumps({"configs": [empty, {"dynamicListeners": [listener]}]})
        mesh = mesh_of(captured("x.json", text))
        assert mesh.kind_of(mesh.proxies[0]) == kind
