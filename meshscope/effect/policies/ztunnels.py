"""Policies that ztunnels enforce on the workloads that they capture: nothing of them is compared, and that is said.

https://istio.io/latest/docs/ambient/usage/l4-policy/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.configuration import Configuration
from meshscope.istio.manifest import Object
from meshscope.istio.objects.selectors import PolicySelector
from meshscope.mesh.ambient import ambient_of
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import PodFact


def why_unknown(configuration: Configuration, item: Object, selector: PolicySelector | None) -> str:
    """Of a policy without targetRefs: which pods a ztunnel enforces it on, in words; "" where there are none. Labels of pods
    that ztunnels alone tell of are not known, but their policies are.
    """
    namespace, root = item.namespace or "default", configuration.settings.root_namespace
    wanted = selector.match_labels if selector else None
    name, ambient = f"{namespace}/{item.name}", ambient_of(configuration.mesh)
    found = [
        pod.full_name
        for pod in captured(configuration.mesh)
        if namespace in (pod.namespace, root)
        and (not wanted or pod.labels.match(wanted) or name in ambient.policies_on(pod))
    ]
    if not found:
        return ""
    others = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"ztunnel enforces it on {found[0]}{others}: policies at ztunnels are not modelled"


def captured(mesh: Mesh) -> tuple[PodFact, ...]:
    """The pods whose traffic a ztunnel captures."""
    return mesh.derived("pods of ztunnels", lambda: tuple(_captured(mesh)))


def _captured(mesh: Mesh) -> Iterator[PodFact]:
    ambient = ambient_of(mesh)
    return (pod for pod in mesh.network.pods if ambient.captured(pod))
