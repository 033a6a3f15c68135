"""The priorities and weights of a cluster's endpoints by locality, as a rule's `localityLbSetting` makes them for one proxy.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/loadbalancer/loadbalancer.go
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.clusters.locality import Locality, locality_of, locality_words, ranks, weights, without_gaps
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import MeshService
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.objects.load_balancer import LocalityLoadBalancerSetting
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.overlay.draft import Draft, Json

_DISTRIBUTION = b"rafficDistribution"
_WEIGHTED = "locality_weighted_lb_config"
_PLAIN = LocalityLoadBalancerSetting()


def setting_of(configuration: Configuration, policy: TrafficPolicy | None) -> LocalityLoadBalancerSetting | None:
    """The rule's, else the mesh's; None where there is none."""
    own = policy.load_balancer.locality_lb_setting if policy and policy.load_balancer else None
    if own is not None:
        return None if own.enabled is False else own
    return _PLAIN if configuration.settings.locality_lb_setting.enabled else None


def orders(configuration: Configuration, policy: TrafficPolicy | None) -> tuple[object, ...]:
    """What of a policy decides about priorities and weights."""
    setting = setting_of(configuration, policy)
    fails_over = policy is not None and policy.outlier_detection is not None
    return setting, fails_over and setting is not None


def placed(  # noqa: PLR0911  # each is a reason that it is not known
    configuration: Configuration, client: Client, service: MeshService, policy: TrafficPolicy | None, assignment: Json
) -> Json | str:
    """A ClusterLoadAssignment with the endpoints of another one; a text says what would have to be known."""
    groups = assignment.get("endpoints") or []
    setting = setting_of(configuration, policy)
    fails_over = policy is not None and policy.outlier_detection is not None
    others = [_place(group) for group in groups]
    if len(set(others)) < 2 and (setting is None or not setting.distribute):  # of one place all are alike
        return _written(assignment, groups, [0 for _ in groups], None)
    if len(set(others)) < len(others):
        return "priorities of a locality with several groups of endpoints are not rebuilt"
    is_own = policy is not None and policy.load_balancer and policy.load_balancer.locality_lb_setting
    if not is_own and not configuration.settings.locality_lb_setting.is_plain:
        return "priorities and weights by the mesh's own localityLbSetting are not rebuilt"
    if not is_own and _has_distribution(configuration, service):
        return f"priorities by the trafficDistribution of {service} are not rebuilt"
    if setting is None or not (setting.distribute or fails_over):
        return _written(assignment, groups, [0 for _ in groups], None)
    if setting.failover_priority and not setting.distribute:
        return "failoverPriority is not rebuilt"
    place = locality_of(configuration, client)
    if place is None:
        return f"where {client.name} is, is unknown: its Kubernetes node is not in the input"
    if not setting.distribute:
        return _written(assignment, groups, without_gaps(ranks(setting, place, others)), None)
    shares = weights(setting, place, others, [_own_weight(group) for group in groups])
    if shares is not None and None in shares:
        return "weights of localities that two targets of `distribute` name are not rebuilt"
    return _written(assignment, groups, [0 for _ in groups], shares)


def leaves_out(configuration: Configuration, client: Client, policy: TrafficPolicy | None) -> bool:
    """Whether endpoints of some localities are kept from the proxy, so that it does not tell of them."""
    setting = setting_of(configuration, policy)
    if setting is None or not setting.distribute:
        return False
    place = locality_of(configuration, client)
    return place is None or weights(setting, place, (), ()) is not None


def weighs_localities(configuration: Configuration, policy: TrafficPolicy | None) -> bool:
    """Whether the cluster has `locality_weighted_lb_config`; before 1.24 each has."""
    setting = setting_of(configuration, policy)
    if not configuration.is_since(1, 24):
        return True
    fails_over = policy is not None and policy.outlier_detection is not None
    is_named = setting is not None and bool(setting.failover or setting.failover_priority)
    return setting is not None and bool(setting.distribute or (fails_over and is_named))


def weigh(body: dict[str, Any], before: bool, after: bool) -> None:  # both sides of one answer
    """Says in a cluster that the weights of localities count, or no longer."""
    if before != after:
        kept = {key: value for key, value in body.get("common_lb_config", {}).items() if key != _WEIGHTED}
        body["common_lb_config"] = {**kept, **({_WEIGHTED: {}} if after else {})}


def may_be_ejected(draft: Draft, cluster: str) -> bool:
    """By what was seen of the cluster as it is; of one that is made anew nothing was. Assignments in a dump tell it too."""
    proxy = draft.client.proxy
    if proxy.resource(CLUSTER, cluster) is None:
        return True
    seen = proxy.live_clusters
    return seen is not None and (cluster not in seen or any(host.health_flags for host in seen[cluster].hosts))


def placed_differently(before: Json, after: Json) -> Iterator[Difference]:
    """Priorities and weights by locality; "" for a locality that the other side does not have."""
    one, other = _said(before), _said(after)
    for field in dict.fromkeys((*other, *one)):
        if one.get(field) != other.get(field):
            yield Difference(field, other.get(field, ""), one.get(field, ""))


def _said(assignment: Json) -> dict[str, str]:
    found = {}
    for group in assignment.get("endpoints") or ():
        words = locality_words(_place(group))
        found[f"priority of {words}"] = str(group.get("priority", 0))
        found[f"weight of {words}"] = str(group.get("load_balancing_weight", 0))
    return found


def _written(assignment: Json, groups: list[Json], priorities: list[int], shares: list[float | None] | None) -> Json:
    """Without priorities and weights of before."""
    found: list[Json] = []
    for index, group in enumerate(groups):
        kept: dict[str, Any] = {key: value for key, value in group.items() if key != "priority"}
        if priorities[index]:
            kept["priority"] = priorities[index]
        if "load_balancing_weight" in group:
            kept["load_balancing_weight"] = _own_weight(group)
        if share := (shares[index] if shares else None):
            kept["load_balancing_weight"] = math.ceil(share)
        if shares is None or share:
            found.append(kept)
    return {**assignment, "endpoints": found}


def _own_weight(group: Json) -> int:
    """The sum of its endpoints'."""
    return sum(int(one.get("load_balancing_weight", 1)) for one in group.get("lb_endpoints", ()))


def _place(group: Json) -> Locality:
    held = group.get("locality") or {}
    return held.get("region", ""), held.get("zone", ""), held.get("sub_zone", "")


def _has_distribution(configuration: Configuration, service: MeshService) -> bool:
    """By a field or an annotation."""
    return any(
        _DISTRIBUTION in bytes(one.body) or b"traffic-distribution" in bytes(one.body)
        for one in configuration.mesh.objects_of("Service", "")
        if (one.namespace, one.name) == (service.namespace, service.name)
    )
