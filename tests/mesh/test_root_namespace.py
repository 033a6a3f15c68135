"""Where the mesh's configuration says which namespace is the root."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.mesh.root_namespace import root_namespace
from meshscope.snapshot.snapshot import Captured

from .meshes import bootstrap, captured, dump, manifest, mesh_of


def answered(root: str) -> Captured:
    return captured("mesh.json", {"trustDomain": "cluster.local", "rootNamespace": root}, kind="debug/mesh")


def config_map(name: str, **data: str) -> Captured:
    return captured(f"{name}.json", manifest("ConfigMap", name, data=data))


@pytest.mark.parametrize(
    ("documents", "root"),
    [
        ((), None),
        ((config_map("istio", mesh="rootNamespace: infra"),), "infra"),
        ((config_map("istio-canary", mesh="rootNamespace: infra"),), "infra"),
        ((config_map("istio-canary", mesh="rootNamespace: b"), config_map("istio", mesh="rootNamespace: a")), "a"),
        ((config_map("istio", mesh="rootNamespace: infra"), answered("top")), "top"),
        ((config_map("istio", mesh="trustDomain: x"),), "istio-system"),
        ((config_map("istio", values="{}"),), None),
        ((config_map("others", mesh="rootNamespace: infra"),), None),
        ((config_map("istio", mesh="rootNamespace: [1"),), None),
    ],
)
def test_the_root_is_istiods_answer_else_the_config_map_of_the_mesh(
    documents: tuple[Any, ...], root: str | None
) -> None:
    assert root_namespace(mesh_of(dump(bootstrap()), *documents)) == root
