from __future__ import annotations

from typing import Any

from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh

from .meshes import captured, manifest, mesh_of


def gateway(name: str, namespace: str, group: str = "networking.istio.io", **metadata: Any) -> dict[str, Any]:
    return manifest("Gateway", name, group, namespace, metadata=metadata)


def mesh() -> Mesh:
    objects = [gateway("a", "x"), gateway("b", "y"), gateway("a", "x", "gateway.networking.k8s.io")]
    return mesh_of(*(captured(f"{index}.json", value) for index, value in enumerate(objects)))


def refs(found: Any) -> list[tuple[str, str]]:
    return [(item.name, item.group) for item in found]


ISTIO, K8S = "networking.istio.io", "gateway.networking.k8s.io"


def test_objects_are_found_by_kind_group_and_namespace_in_their_order() -> None:
    objects = mesh().objects_by
    assert refs(objects.of_kind("Gateway")) == [("a", ISTIO), ("b", ISTIO), ("a", K8S)]
    assert refs(objects.of_kind("Gateway", ISTIO)) == [("a", ISTIO), ("b", ISTIO)]
    assert refs(objects.of_kind("Gateway", namespace="x")) == [("a", ISTIO), ("a", K8S)]
    assert objects.of_kind("Gateway", "") == objects.of_kind("Pod") == ()


def test_an_object_is_found_by_its_reference() -> None:
    objects = mesh().objects_by
    found = objects.named(ObjectRef(K8S, "Gateway", "x", "a"))
    assert found is objects.all[2]
    assert objects.named(ObjectRef(K8S, "Gateway", "y", "a")) is None


def test_an_overlay_replaces_objects_of_one_name_adds_others_and_leaves_its_mesh_alone() -> None:
    before = mesh()
    new = mesh_of(captured("a", gateway("a", "x", labels={"new": "1"})), captured("c", gateway("c", "z"))).objects
    after = before.overlay(new)
    assert refs(after.objects) == [("b", ISTIO), ("a", K8S), ("a", ISTIO), ("c", ISTIO)]
    assert after.objects_by.named(ObjectRef(ISTIO, "Gateway", "x", "a")) is new[0]
    assert len(before.objects) == 3
    assert after.overlay(()).objects == after.objects
    assert after.proxies is before.proxies
    assert after.network is not before.network
