"""One thing changed in a mesh where all is well, in the manifests or in the proxies, is told, and of that object.

What has no consequence is listed in tests/effect/mutations.py with the reason; that module counts for docs/effect.md, too.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

from . import recorded
from .mutations import KINDS, MESHES, NOT_OF_RULES, OF_ROUTES, UNSEEN, other, text_of
from .recorded import Json


def _has_effect(mesh: str, name: str) -> bool:
    return any(one.state is State.IN_EFFECT for one in recorded.recorded(mesh)[name])


OBJECTS = [
    (mesh, name)
    for mesh in MESHES
    for name in recorded.recorded(mesh)
    if name.partition(" ")[0] in KINDS and _has_effect(mesh, name)
]


@pytest.mark.parametrize(("mesh", "name"), OBJECTS)
def test_a_changed_field_of_a_manifest_is_told(mesh: str, name: str) -> None:
    healthy = recorded.mesh(mesh)
    before = recorded.bad(recorded.recorded(mesh)[name])
    body = msgspec.json.decode(recorded.item(healthy, name).body)
    for path, value in recorded.leaves(body["spec"], ("spec",)):
        text = f"{name} {text_of(path)}: {value}"
        if any(re.search(pattern, text) for pattern in UNSEEN):
            continue

        def change(body: Json, path: tuple[str | int, ...] = path, value: Json = value) -> None:
            recorded.at(body, path[:-1])[path[-1]] = other(value)

        after = recorded.bad(recorded.of(recorded.rewritten(healthy, name, change), name))
        assert after - before, f"{text} -> {other(value)} is not told"


# --- the proxies' side ---------------------------------------------------------------------------------------------


def _routes(dump: Json) -> list[tuple[str, Json]]:
    """Each route that was made of a VirtualService, with its name."""
    found = []
    for section in dump["configs"]:
        for config in section.get("dynamic_route_configs", ()):
            for host in config["route_config"].get("virtual_hosts", ()):
                for route in host.get("routes", ()):
                    made = route.get("metadata", {}).get("filter_metadata", {}).get("istio", {}).get("config", "")
                    if "/virtual-service/" in made:
                        parts = made.split("/")
                        found.append((f"VirtualService {parts[5]}/{parts[7]}", route))
    return found


@pytest.mark.long
@pytest.mark.parametrize("number", range(12))
def test_a_changed_field_of_a_route_is_told_of_its_owner_alone(number: int, tmp_path: Path) -> None:
    folder = recorded.unpacked("gateways", tmp_path)
    (file,) = folder.glob("proxies/istio-system/istio-ingressgateway-*/config_dump.json")
    original = json.loads(file.read_text())
    owner, route = _routes(original)[number]
    delegates = {"VirtualService shop/cart-delegate"} if owner == "VirtualService default/api" else set()
    before = {name: recorded.bad(found) for name, found in recorded.recorded("gateways").items()}
    told = unseen = 0
    for path, value in recorded.leaves(route):
        if not any(part in OF_ROUTES for part in path) or NOT_OF_RULES.search(text_of(path)):
            continue
        dump = copy.deepcopy(original)
        changed = _routes(dump)[number][1]
        recorded.at(changed, path[:-1])[path[-1]] = other(value)
        file.write_text(json.dumps(dump))
        after = recorded.judged(Mesh(open_snapshot(str(folder))))
        blamed = {name for name, found in after.items() if recorded.bad(found) - before[name]}
        assert blamed <= {owner} | delegates, f"{text_of(path)}: {blamed}"
        told, unseen = told + bool(blamed), unseen + (not blamed)
    assert told
    assert not unseen


@pytest.mark.long
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lb_policy", "MAGLEV"),
        ("connect_timeout", "3s"),
        ("circuit_breakers", {"thresholds": [{"max_connections": 49, "max_requests": 100, "max_retries": 4}]}),
        ("circuit_breakers", {"thresholds": [{"max_connections": 50, "max_requests": 101, "max_retries": 4}]}),
        ("outlier_detection", None),
        ("outlier_detection", {"consecutive_5xx": 3, "interval": "6s", "max_ejection_percent": 50}),
        ("upstream_connection_options", None),
        ("common_lb_config", None),
        ("typed_extension_protocol_options", None),
        ("transport_socket", {"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"}}),
        ("name", "outbound|80||elsewhere.default.svc.cluster.local"),
    ],
)  # fmt: skip
def test_a_changed_field_of_a_cluster_is_told_of_its_rule(field: str, value: Json, tmp_path: Path) -> None:
    rule = "DestinationRule default/app"
    folder = recorded.unpacked("services", tmp_path)
    (file,) = folder.glob("proxies/default/sleep-*/config_dump.json")
    dump = json.loads(file.read_text())
    clusters = [one["cluster"] for section in dump["configs"] for one in section.get("dynamic_active_clusters", ())]
    cluster = next(one for one in clusters if one["name"] == "outbound|80||app.default.svc.cluster.local")
    cluster.pop("transport_socket_matches", None) if field == "transport_socket" else None
    cluster.pop(field, None)
    if value is not None:
        cluster[field] = value
    file.write_text(json.dumps(dump))
    before = {name: recorded.bad(found) for name, found in recorded.recorded("services").items()}
    after = recorded.judged(Mesh(open_snapshot(str(folder))))
    blamed = {name for name, found in after.items() if recorded.bad(found) - before[name]}
    if field == "transport_socket":  # the rule says nothing of TLS, so that any mode is as good
        assert blamed == set()
    elif field == "name":  # the routes that lead there lead nowhere
        assert blamed == {rule, "VirtualService default/app"}
    else:
        assert blamed == {rule}
