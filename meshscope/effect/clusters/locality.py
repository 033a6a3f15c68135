"""Where a rule's locality settings lead: the priorities and weights of the groups of endpoints that a proxy has.

They depend on where the proxy is. https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/ and
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/loadbalancer/loadbalancer.go
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.clusters.failover_priority import are_told, endpoints_of, failover_differences, labels_of
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import MeshService
from meshscope.envoy.resource import ENDPOINTS
from meshscope.istio.objects.load_balancer import LocalityLoadBalancerSetting
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment, LocalityLbEndpoints

_REGION, _ZONE, _SUBZONE = "topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"
_LABEL = "istio-locality"
Locality = tuple[str, str, str]
"""Region, zone and sub-zone, "" for what is not given."""
Groups = Sequence[tuple[Locality, LocalityLbEndpoints]]


def locality_of(configuration: Configuration, client: Client) -> Locality | None:
    """Where a proxy is, as its pod's label or its Kubernetes node says; None where nothing tells. Kept: each cluster asks."""
    return configuration.mesh.derived(("locality", client.name), lambda: _locality_of(configuration, client))


def _locality_of(configuration: Configuration, client: Client) -> Locality | None:
    pod = configuration.mesh.network.pod_named(client.name)
    if label := client.labels.get(_LABEL):
        return _parts(label.replace(".", "/"))
    node = pod.node if pod else ""
    for item in configuration.mesh.objects_of("Node", "") if node else ():
        if item.name == node and item.labels.get(_REGION):
            return item.labels.get(_REGION), item.labels.get(_ZONE), item.labels.get(_SUBZONE)
    return None


def locality_differences(
    configuration: Configuration, client: Client, service: MeshService, cluster: Cluster, policy: TrafficPolicy | None
) -> Iterator[Difference]:
    """None where the proxy's place or its endpoints are not known, or what `failoverPriority` asks for is not told."""
    setting = policy.load_balancer.locality_lb_setting if policy and policy.load_balancer else None
    place, groups = locality_of(configuration, client), _groups(client, cluster)
    if policy is None or setting is None or place is None or not groups:
        return
    detects = policy.outlier_detection is not None
    if not setting.failover_priority or setting.enabled is False or setting.distribute:
        yield from differences_of(setting, place, groups, detects_outliers=detects)
    elif not detects:
        yield WITHOUT_DETECTION
    elif not setting.failover and are_told(setting.failover_priority):
        endpoints = endpoints_of(configuration, service, groups)
        yield from failover_differences(setting.failover_priority, labels_of(client, place), endpoints or ())


WITHOUT_DETECTION = Difference("locality failover", "priorities", "none: without outlierDetection istiod makes none")


def differences_of(
    setting: LocalityLoadBalancerSetting, place: Locality, groups: Groups, *, detects_outliers: bool
) -> Iterator[Difference]:
    """For a proxy in that place. Without outlier detection there are no priorities."""
    if setting.enabled is False:
        yield from _of_ranks(groups, [0 for _ in groups])
    elif setting.distribute:
        yield from _of_weights(setting, place, groups)
    elif detects_outliers:
        yield from _of_priorities(setting, place, groups)
    elif setting.failover:
        yield WITHOUT_DETECTION


def _groups(client: Client, cluster: Cluster) -> Groups:
    resource = client.proxy.resource(ENDPOINTS, cluster.assignment_name)
    assignment = client.proxy.read(resource, ClusterLoadAssignment) if resource else None
    if not isinstance(assignment, ClusterLoadAssignment):
        return ()
    found = ((_place(group), group) for group in assignment.endpoints if group.lb_endpoints)
    return tuple(found)


def _place(group: LocalityLbEndpoints) -> Locality:
    return group.locality.region, group.locality.zone, group.locality.sub_zone


def _of_priorities(setting: LocalityLoadBalancerSetting, place: Locality, groups: Groups) -> Iterator[Difference]:
    yield from _of_ranks(groups, ranks(setting, place, [other for other, _ in groups]))


def ranks(setting: LocalityLoadBalancerSetting, place: Locality, others: Sequence[Locality]) -> list[int]:
    """For a proxy in that place. The nearer, the earlier; a failover rule puts other regions behind the one that it names."""
    target = next((one.to for one in setting.failover if one.from_ == place[0]), None)
    return [_rank(place, other, target) for other in others]


def without_gaps(found: Sequence[int]) -> list[int]:
    """Priorities, which begin at 0."""
    order = sorted(set(found))
    return [order.index(rank) for rank in found]


def _of_ranks(groups: Groups, found: Sequence[int]) -> Iterator[Difference]:
    for (other, group), rank in zip(groups, without_gaps(found), strict=True):
        if group.priority != rank:
            yield Difference(f"priority of {locality_words(other)}", str(rank), str(group.priority))


def _rank(place: Locality, other: Locality, target: str | None) -> int:
    for rank, length in enumerate((3, 2, 1)):
        if place[:length] == other[:length]:
            return rank
    return 3 if target is None or other[0] == target else 4


def _of_weights(setting: LocalityLoadBalancerSetting, place: Locality, groups: Groups) -> Iterator[Difference]:
    own = [sum(endpoint.load_balancing_weight or 1 for endpoint in group.lb_endpoints) for _, group in groups]
    wanted = weights(setting, place, [other for other, _ in groups], own)
    for (other, group), weight in zip(groups, wanted or (), strict=bool(wanted)):
        actual = str(group.load_balancing_weight or 0)
        if weight == 0:
            yield Difference(f"weight of {locality_words(other)}", "", actual)
        elif weight is not None and abs((group.load_balancing_weight or 0) - weight) > 1:
            yield Difference(f"weight of {locality_words(other)}", f"{weight:.0f}", actual)


def weights(
    setting: LocalityLoadBalancerSetting, place: Locality, others: Sequence[Locality], own: Sequence[int]
) -> list[float | None] | None:
    """For a proxy in that place: percentages, which the groups of one target share by their `own` weights; 0 for other
    localities, which get nothing, and None for what two targets name. None where nothing is distributed from there.
    """
    shares = next((one.to for one in setting.distribute if _matches(place, one.from_)), None)
    if shares is None:
        return None
    named = [[target for target in shares if _matches(other, target)] for other in others]
    totals = {target: sum(own[i] for i, targets in enumerate(named) if targets == [target]) for target in shares}
    return [
        0 if not targets else own[index] * shares[targets[0]] / totals[targets[0]] if len(targets) == 1 else None
        for index, targets in enumerate(named)
    ]


def _matches(place: Locality, pattern: str) -> bool:
    """`*`, or parts of which a `*` stands for the rest."""
    for own, asked in zip(place, pattern.split("/"), strict=False):
        if asked == "*":
            return True
        if own != asked:
            return False
    return True


def _parts(text: str) -> Locality:
    region, zone, subzone = (*text.split("/"), "", "")[:3]
    return region, zone, subzone


def locality_words(place: Locality) -> str:
    return "/".join(part for part in place if part) or "no locality"
