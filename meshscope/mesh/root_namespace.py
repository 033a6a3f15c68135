"""The root namespace: policies in it that select no workload hold for the whole mesh.

https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-root_namespace
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.istio.mesh_config import MeshConfig, mesh_config_of, read_mesh_config
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Problem

DEFAULT = MeshConfig().root_namespace
_CONFIG_MAP = "istio"
"""Of a revision it is `istio-REVISION`."""


def root_namespace(mesh: Mesh) -> str | None:
    """As istiod answers, else a file of the mesh's configuration, else its ConfigMap; None where none of them was captured."""
    return mesh.derived("root namespace", lambda: next((one.root_namespace for one in _configs(mesh)), None))


def _configs(mesh: Mesh) -> Iterator[MeshConfig]:
    for kind in ("debug/mesh", "mesh_config"):
        for answer in mesh.answers_of(kind):
            value = answer.value
            config = None if value is None else read_mesh_config(value, answer.captured.document.name)
            if isinstance(config, MeshConfig):
                yield config
    maps = [item for item in mesh.objects_of("ConfigMap", "") if item.name.partition("-")[0] == _CONFIG_MAP]
    for item in sorted(maps, key=lambda item: item.name != _CONFIG_MAP):
        config_of_map = mesh_config_of(item)
        if config_of_map is not None and not isinstance(config_of_map, Problem):
            yield config_of_map
