"""Whether the labels of a subset select what its cluster has."""

from __future__ import annotations

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import KUBERNETES, MeshService
from meshscope.istio.labels import Labels
from meshscope.mesh.endpoints import endpoints_of
from meshscope.xds.cluster import Cluster

_TOPOLOGY = ("topology.istio.io/", "topology.kubernetes.io/")
"""Labels that istiod adds to endpoints, and pods do not have."""


def selection_problem(
    configuration: Configuration, client: Client, service: MeshService, cluster: Cluster, labels: Labels
) -> tuple[State, str] | None:
    """None where the endpoints are those of the labels, or nothing tells their labels."""
    network = configuration.mesh.network
    found = endpoints_of(client.proxy, cluster.name, cluster)
    if (
        found is None
        or not network.pods
        or service.registry != KUBERNETES
        or any(key.startswith(_TOPOLOGY) for key, _ in labels)
    ):
        return None
    wanted = ", ".join(f"{key}={value}" for key, value in labels)
    for endpoint in found:
        pod = network.pod_at(endpoint.host)
        if pod is not None and not pod.labels.match(labels):
            return State.PARTLY, f"endpoint {endpoint.address} is pod {pod.full_name}, which does not have {wanted}"
    if found or not service.selector:
        return None
    pods = [pod for pod in network.pods if pod.namespace == service.namespace and pod.labels.match(service.selector)]
    selected = next((pod for pod in pods if pod.labels.match(labels)), None)
    if selected is not None:
        return State.PARTLY, f"cluster {cluster.name} has no endpoint, though pod {selected.full_name} has {wanted}"
    return State.NOT_IN_EFFECT, f"no pod of {service.host} has {wanted}: requests to the subset get 503"
