"""The endpoints of a subset: those of the whole host that have its labels, as pods or as the entries of people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshscope.effect.configuration import Configuration
from meshscope.effect.services import KUBERNETES, MeshService
from meshscope.istio.labels import Labels
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.overlay.draft import Json

_TOPOLOGY = ("topology.istio.io/", "topology.kubernetes.io/")


def subset_assignment(
    configuration: Configuration, service: MeshService, whole: Json, labels: Labels, name: str
) -> Json | str:
    """A ClusterLoadAssignment for the cluster `name`; a text says what is not known."""
    if any(key.startswith(_TOPOLOGY) for key, _ in labels):
        return "labels of the topology are istiod's own"
    groups = []
    for group in whole.get("endpoints", ()):
        kept: list[Any] = []
        for endpoint in group.get("lb_endpoints", ()):
            address = next(_addresses(endpoint), "")
            known = _labels(configuration, service, address)
            if known is None:
                return f"the labels of endpoint {address or 'without an address'} are not known: no pod has the address"
            if known.match(labels):
                kept.append(endpoint)
        if kept:
            groups.append({**group, "lb_endpoints": kept, **_weight(group, kept)})
    return {**whole, "cluster_name": name, "endpoints": groups}


def _labels(configuration: Configuration, service: MeshService, address: str) -> Labels | None:
    """Of the ServiceEntry's own endpoint, or the WorkloadEntry with an address, or the pod."""
    if service.registry != KUBERNETES:
        for entry in configuration.typed("ServiceEntry", ServiceEntry):
            if (entry.namespace, entry.item.name) == (service.namespace, service.name):
                for endpoint in entry.value.spec.endpoints:
                    if endpoint.address == address:
                        return endpoint.labels
        for one in configuration.typed("WorkloadEntry", WorkloadEntry):
            if one.namespace == service.namespace and one.value.spec.address == address:
                return Labels(sorted({**dict(one.item.labels), **dict(one.value.spec.labels)}.items()))
    pod = configuration.mesh.network.pod_at(address)
    return pod.labels if pod else None


def _weight(group: Json, kept: list[Any]) -> dict[str, int]:
    """istiod's weight of a locality is the sum of its endpoints'."""
    if "load_balancing_weight" not in group:
        return {}
    return {"load_balancing_weight": sum(int(one.get("load_balancing_weight", 1)) for one in kept)}


def _addresses(endpoint: Json) -> Iterator[str]:
    address = endpoint.get("endpoint", {}).get("address", {})
    if (socket := address.get("socket_address")) and socket.get("address"):
        yield socket["address"]


def words(assignment: Json | None) -> str:
    """The addresses in one line."""
    groups = (assignment or {}).get("endpoints", ())
    found = (next(_addresses(one), "?") for group in groups for one in group.get("lb_endpoints", ()))
    return ", ".join(found) or "no endpoint"
