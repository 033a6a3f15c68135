from __future__ import annotations

import json
from pathlib import Path

from meshscope.effect.answer import State
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

from . import recorded
from .recorded import Json

RULE, POD = "DestinationRule default/app", "sleep-4c000f4388-b71ee"
CLUSTER = "outbound|80||app.default.svc.cluster.local"


def changed(folder: Path, *, lines: Json, syncz: Json = None) -> Mesh:
    """The mesh where the proxy has another balancer than its rule asks for, and something to say of it."""
    recorded.unpacked("services", folder)
    (file,) = folder.glob(f"proxies/default/{POD}/config_dump.json")
    dump = json.loads(file.read_text())
    for section in dump["configs"]:
        for entry in section.get("dynamic_active_clusters", ()):
            if entry["cluster"]["name"] == CLUSTER:
                entry["cluster"]["lb_policy"] = "MAGLEV"
                entry.update(lines)
    file.write_text(json.dumps(dump))
    if syncz:
        (answer,) = folder.glob("istiod/*/debug/syncz.json")
        rows = json.loads(answer.read_text())
        for row in rows:
            if row["proxy"].startswith(POD):
                row.update(syncz)
        answer.write_text(json.dumps(rows))
    return Mesh(open_snapshot(str(folder)))


def told(mesh: Mesh) -> str:
    (found,) = [one for one in recorded.of(mesh, RULE, POD) if one.rule == "trafficPolicy"]
    assert found.state is State.PARTLY
    return found.because


def test_an_update_that_the_proxy_refused_is_the_reason(tmp_path: Path) -> None:
    refused = {"error_state": {"details": "bad balancer", "last_update_attempt": "2026-11-24T17:00:00Z"}}
    because = told(changed(tmp_path, lines=refused))
    assert because.startswith("the proxy refused the update: ")
    assert "bad balancer" in because


def test_an_update_that_was_not_acknowledged_is_the_reason(tmp_path: Path) -> None:
    because = told(changed(tmp_path, lines={}, syncz={"cluster_sent": "new", "cluster_acked": "old", "resources": {}}))
    assert because.startswith("the proxy has not acknowledged what istiod sent (stale): lb_policy is MAGLEV")


def test_an_envoy_filter_that_patches_clusters_of_the_proxy_is_named(tmp_path: Path) -> None:
    mesh = changed(tmp_path, lines={})
    found = recorded.of(recorded.rewritten(mesh, "EnvoyFilter default/tag-responses", _for_all), RULE, POD)
    (one,) = [each for each in found if each.rule == "trafficPolicy"]
    assert one.because.endswith("(EnvoyFilter default/tag-responses may have changed it)")


def _for_all(body: Json) -> None:
    del body["spec"]["workloadSelector"]


def test_where_all_was_delivered_only_the_difference_is_told(tmp_path: Path) -> None:
    assert told(changed(tmp_path, lines={})) == "lb_policy is MAGLEV, ROUND_ROBIN was expected"


def test_a_listener_that_waits_for_its_secret_is_told(tmp_path: Path) -> None:
    folder = recorded.unpacked("gateways", tmp_path)
    (file,) = folder.glob("proxies/istio-system/edge-*/config_dump.json")
    dump = json.loads(file.read_text())
    for section in dump["configs"]:
        for entry in section.get("dynamic_listeners", ()):
            if "_8443" in entry["name"] or "_443" in entry["name"]:
                entry["warming_state"] = entry.pop("active_state")
    file.write_text(json.dumps(dump))
    found = recorded.of(Mesh(open_snapshot(str(folder))), "Gateway istio-system/edge")[1]
    assert found.state is State.NOT_IN_EFFECT
    assert "is warming: the proxy waits for something that it names, such as a secret" in found.because
