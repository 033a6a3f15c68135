"""Who guards a pod without being an Envoy that was captured: a ztunnel, or a data plane that is not modelled."""

from __future__ import annotations

from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import PodFact

HBONE_PORT = 15008
NOT_FOLLOWED = "ztunnels are not followed"


def guards_of(mesh: Mesh, pod: PodFact | None, port: int) -> tuple[str, ...]:
    """What is assumed where a connection arrives at a pod that a ztunnel or a data plane that is not modelled guards."""
    if pod is None:
        return ()
    if plane := pod.data_plane:
        return (f"{pod.full_name} lets the request pass: {plane} is not modelled",)
    from meshscope.mesh.ambient import ambient_of  # most pods on a path have a proxy

    ambient = ambient_of(mesh)
    why = ambient.captured(pod)
    if not why and port != HBONE_PORT:
        return ()
    policies = ambient.policies_on(pod)
    named = f" (policies {', '.join(policies)})" if policies else ""
    return (f"the ztunnel of {pod.full_name} lets the connection in{named}: {NOT_FOLLOWED}",)
