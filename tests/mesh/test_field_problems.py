from __future__ import annotations

from typing import Any

from meshscope.mesh.field_problems import wrong_fields
from meshscope.mesh.mesh import Mesh

from .meshes import captured, manifest
from .meshes import mesh_of as mesh_of_captured

GROUP = "networking.istio.io"


def mesh_of(*objects: dict[str, Any]) -> Mesh:
    return mesh_of_captured(*(captured(f"{number}.json", item) for number, item in enumerate(objects)))


def found(mesh: Mesh, name: str = "a") -> list[str]:
    return [str(one) for item in mesh.objects if item.name == name for one in wrong_fields(mesh, item)]


def test_a_wrong_field_has_its_place() -> None:
    mesh = mesh_of(manifest("VirtualService", "a", GROUP, spec={"htp": []}))
    (wrong,) = wrong_fields(mesh, mesh.objects[0])
    assert (wrong.path, wrong.near) == ("spec.htp", "http")
    assert wrong.known_from == "Istio development line of August 2026"
    assert wrong.location.place().path.endswith("spec.htp")
    assert str(wrong).startswith("spec.htp: unknown field htp, which the API server drops; did you mean http?")


def test_a_right_object_has_none() -> None:
    assert found(mesh_of(manifest("VirtualService", "a", GROUP, spec={"http": []}))) == []


def test_a_definition_in_the_mesh_is_closer_to_the_truth() -> None:
    fields = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"htp": {"type": "array"}}}}}
    versions = [{"name": "v1", "schema": {"openAPIV3Schema": fields}}]
    spec = {"group": GROUP, "names": {"kind": "VirtualService"}, "versions": versions}
    definition = manifest("CustomResourceDefinition", "vs", "apiextensions.k8s.io", spec=spec)
    assert found(mesh_of(manifest("VirtualService", "a", GROUP, spec={"htp": []}), definition)) == []
    assert len(found(mesh_of(manifest("VirtualService", "a", GROUP, spec={"http": []}), definition))) == 1
