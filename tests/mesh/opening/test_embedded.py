"""Envoy's configuration inside Kubernetes objects."""

from __future__ import annotations

import json
from typing import Any

import yaml

from meshscope.mesh.mesh import Mesh
from meshscope.redaction.redacting import redacted_snapshot
from meshscope.snapshot.snapshot import Snapshot

from ..meshes import bootstrap, captured, dump, http_listener, manifest, mesh_of, static, table

TYPES = "type.googleapis.com/envoy.config."
LISTENER, CLUSTER = TYPES + "listener.v3.Listener", TYPES + "cluster.v3.Cluster"
BOOTSTRAP = {"static_resources": {"listeners": [http_listener("web", "80")], "clusters": [static("a", "10.0.0.9:80")]}}


def config_map(name: str = "front", **data: str) -> dict[str, Any]:
    return manifest("ConfigMap", name, data=data)


def clusters(mesh: Mesh) -> dict[str, list[str]]:
    return {str(proxy.id): [resource.name for resource in proxy.resources("cluster")] for proxy in mesh.proxies}


def test_a_file_in_a_config_map_is_a_proxy_named_after_it() -> None:
    text = yaml.safe_dump(BOOTSTRAP)
    mesh = mesh_of(captured("all.yaml", config_map(**{"envoy.yaml": text, "motd": "static_resources are nice"})))
    assert clusters(mesh) == {"front.shop": ["a"]}
    place = mesh.proxies[0].resources("cluster")[0].location.place()
    assert place.document == "all.yaml!shop/front/envoy.yaml"
    assert text.splitlines()[(place.line or 0) - 1].startswith("  - ")
    assert [item.name for item in mesh.objects] == ["front"]


def test_files_of_one_config_map_add_up() -> None:
    cds = {"resources": [{"@type": CLUSTER, **static("b", "10.0.0.9:80")}]}
    data = {"envoy.yaml": yaml.safe_dump(BOOTSTRAP), "rds.json": json.dumps({"resources": [
        {"@type": TYPES + "route.v3.RouteConfiguration", **table("80", cluster="a")}]})}  # fmt: skip
    mesh = mesh_of(
        captured("all.yaml", config_map(**data)), captured("more.yaml", config_map("other", cds=json.dumps(cds)))
    )
    assert clusters(mesh) == {"front.shop": ["a"], "other.shop": ["b"]}
    assert [resource.name for resource in mesh.proxies[0].resources("route_config")] == ["80"]


def test_other_texts_in_config_maps_are_neither_proxies_nor_problems() -> None:
    template = "static_resources:\n  clusters:\n  {{- range .Values.clusters }}\n  - name: {{ . }}\n  {{- end }}\n"
    mesh = mesh_of(captured("all.yaml", config_map(a="x: 1", template=template)))
    assert (mesh.proxies, mesh.problems) == ((), ())


def test_ciliums_objects_list_resources() -> None:
    resources = [{"@type": LISTENER, **http_listener("web", "80")}, {"@type": CLUSTER, **static("a", "10.0.0.9:80")}]
    mesh = mesh_of(
        captured("cilium.json", manifest("CiliumEnvoyConfig", "x", "cilium.io", spec={"resources": resources})),
        captured("not.json", manifest("CiliumEnvoyConfig", "y", "example.org", spec={"resources": resources})),
    )
    assert clusters(mesh) == {"x.shop": ["a"]}
    assert mesh.proxies[0].resources("cluster")[0].location.place().path == "spec.resources[1]"


def test_a_config_map_beside_a_dump_does_not_change_the_dumps_proxy() -> None:
    mesh = mesh_of(
        dump(bootstrap("web.shop")), captured("all.yaml", config_map(**{"envoy.yaml": yaml.safe_dump(BOOTSTRAP)}))
    )
    assert "front.shop" in clusters(mesh)
    assert len(mesh.proxies) == 2


def test_what_is_not_among_ciliums_resources_is_not_known_to_be_missing() -> None:
    resources = [{"@type": LISTENER, **http_listener("web", "80")}, {"@type": CLUSTER, **static("a", "10.0.0.9:80")}]
    mesh = mesh_of(
        captured("cilium.json", manifest("CiliumEnvoyConfig", "x", "cilium.io", spec={"resources": resources}))
    )
    assert not mesh.proxies[0].knows_all("cluster")


def test_the_secrets_of_a_file_in_a_config_map_are_redacted() -> None:
    key = {"name": "s", "tls_certificate": {"private_key": {"inline_string": "do-not-tell"}}}
    file = {"static_resources": {**BOOTSTRAP["static_resources"], "secrets": [key]}}
    one = captured("all.yaml", config_map(**{"envoy.yaml": yaml.safe_dump(file)}))
    redacted = redacted_snapshot(Snapshot((one,)))
    assert b"do-not-tell" not in redacted.captured[0].document.body
    assert clusters(Mesh(redacted)) == {"front.shop": ["a"]}
