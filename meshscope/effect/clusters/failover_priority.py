"""Priorities of endpoints by the labels that they share with the proxy, in the order of a rule's `failoverPriority`.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting and
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/loadbalancer/loadbalancer.go (applyFailoverPriorities)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import KUBERNETES, MeshService
from meshscope.xds.endpoint import LocalityLbEndpoints

_PLACES = ("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone")
_UNTOLD = ("topology.istio.io/network", "topology.istio.io/cluster", "kubernetes.io/hostname")
"""Labels of istiod's own that no dump tells."""
Place = tuple[str, str, str]
Endpoints = Sequence[tuple[str, int, Mapping[str, str]]]
"""Address, priority and labels of each."""


def failover_differences(wanted: Sequence[str], own: Mapping[str, str], endpoints: Endpoints) -> Iterator[Difference]:
    """For a proxy with those labels. `label=value` stands for the proxy's own value. The first label that an endpoint does not
    share decides, and priorities have no gaps.
    """
    pairs = [label.partition("=") for label in wanted]
    asked = [(label, value if sign else own.get(label, "")) for label, sign, value in pairs]
    ranks = [_rank(asked, labels) for _, _, labels in endpoints]
    order = sorted(set(ranks))
    for (address, actual, _), rank in zip(endpoints, ranks, strict=True):
        if actual != order.index(rank):
            yield Difference(f"priority of {address}", str(order.index(rank)), str(actual))


def _rank(asked: Sequence[tuple[str, str]], labels: Mapping[str, str]) -> int:
    """0 for one that shares all; the earlier the first other one, the higher."""
    for index, (label, value) in enumerate(asked):
        if labels.get(label, "") != value:
            return len(asked) - index
    return 0


def are_told(wanted: Sequence[str]) -> bool:
    """Whether pods and localities tell the labels."""
    return not any(label.partition("=")[0] in _UNTOLD for label in wanted)


def labels_of(client: Client, place: Place) -> dict[str, str]:
    """Of a proxy, with those that istiod adds by its place."""
    return {**dict(client.labels), **_placed(place)}


def endpoints_of(
    configuration: Configuration, service: MeshService, groups: Sequence[tuple[Place, LocalityLbEndpoints]]
) -> Endpoints | None:
    """None where the labels of one of them are not known: it is no pod."""
    found = []
    for place, group in groups:
        for each in group.lb_endpoints:
            socket = each.endpoint.address.socket_address
            pod = configuration.mesh.network.pod_at(socket.address) if socket else None
            if socket is None or pod is None or service.registry != KUBERNETES:
                return None
            found.append(
                (f"{socket.address}:{socket.port_value}", group.priority, {**dict(pod.labels), **_placed(place)})
            )
    return found


def _placed(place: Place) -> dict[str, str]:
    return {label: value for label, value in zip(_PLACES, place, strict=True) if value}
