"""Namespaces that a control plane does not look into, by the mesh's `discoverySelectors`.

https://istio.io/latest/docs/ops/configuration/mesh/configuration-scoping/#discoveryselectors
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from meshscope.istio.decoding import decode_slice
from meshscope.istio.kubernetes.label_selector import LabelSelector
from meshscope.istio.labels import Labels
from meshscope.once import once
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import present

if TYPE_CHECKING:
    from meshscope.istio.mesh_config import MeshConfig
    from meshscope.mesh.mesh import Mesh

_NAME = "kubernetes.io/metadata.name"
"""A label that Kubernetes gives each namespace."""


class Discovery:
    """Of one mesh. A namespace whose labels are not in the input, and the root namespace, are never called hidden."""

    def __init__(self, mesh: Mesh, settings: Callable[[], MeshConfig]) -> None:
        self._mesh, self._settings = mesh, settings

    def hides(self, namespace: str) -> bool:
        return namespace in self._hidden

    @once
    def _hidden(self) -> frozenset[str]:
        settings = self._settings()
        if not present(settings.discovery_selectors):
            return frozenset()
        asked = decode_slice(settings.discovery_selectors, tuple[LabelSelector, ...], "")
        if isinstance(asked, Problem) or not asked:
            return frozenset()
        found = ((item.name, item.labels) for item in self._mesh.objects_of("Namespace", ""))
        return frozenset(
            name
            for name, labels in found
            if name != settings.root_namespace and not any(one.selects(_named(name, labels)) for one in asked)
        )


def _named(name: str, labels: Labels) -> Labels:
    return labels if labels.has(_NAME) else Labels.of({**dict(labels), _NAME: name})
