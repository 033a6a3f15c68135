"""Flags of the control plane, where the input has its Deployment: variables of its environment decide.

https://istio.io/latest/docs/reference/commands/pilot-discovery/#envvars
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.workload import GROUP, Workload
from meshscope.istio.manifest import Object
from meshscope.mesh.mesh import Mesh

FALSE = ("0", "f", "false")
_TRUE = ("1", "t", "true")
ALL, ALPHA = "PILOT_ENABLE_GATEWAY_API", "PILOT_ENABLE_ALPHA_GATEWAY_API"
MULTI_CLUSTER_HOSTS = "ENABLE_MCS_HOST"
INFERENCE = ("ENABLE_GATEWAY_API_INFERENCE_EXTENSION", "SUPPORT_GATEWAY_API_INFERENCE_EXTENSION")
"""The former since 1.28, the latter in 1.27."""


def environments(mesh: Mesh) -> Iterator[tuple[Object, dict[str, str]]]:
    """Of each istiod, by the names of variables."""
    for item in mesh.objects_of("Deployment", GROUP):
        value = decode(item, Workload) if item.labels.get("app") == "istiod" else None
        if isinstance(value, Workload):
            containers = value.spec.template.spec.containers
            yield item, {one.name: one.value for each in containers for one in each.env}


def is_true(text: str) -> bool:
    return text.lower() in _TRUE


def is_on(mesh: Mesh, *names: str) -> bool | None:
    """Whether one of these flags is on, which are off where nothing is said of them; None without a Deployment of istiod, and
    where several differ.
    """
    found = {any(is_true(env.get(name, "")) for name in names) for _, env in environments(mesh)}
    return found.pop() if len(found) == 1 else None
