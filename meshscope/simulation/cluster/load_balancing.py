"""Which hosts of a cluster may get a request, with which share, and why not the others.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancing
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/locality_weight
The set is the answer, never one host. Shares are percentages as Envoy's whole percents make them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import json
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host, draining
from meshscope.simulation.cluster.priorities import (
    PriorityHosts,
    PriorityLoad,
    Provisioning,
    by_priority,
    priority_load,
)
from meshscope.simulation.cluster.selection import Selection, Selections, alike, doubtful, outcomes, selected_hosts
from meshscope.simulation.cluster.subsets import Subset, subset_of
from meshscope.simulation.connection import Envoy
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.runtime_fraction import runtime_value
from meshscope.simulation.trace import Rejected
from meshscope.xds import endpoint as assignments
from meshscope.xds.cluster import Cluster
from meshscope.xds.load_balancing_policy import Policy, policy_of

Criteria = Mapping[str, Any]


class LoadBalancer:
    """One cluster's hosts. Answers are kept by criteria: there are as many as routes ask differently."""

    def __init__(
        self, cluster: Cluster, hosts: tuple[Host, ...] | None, policy: assignments.Policy, envoy: Envoy
    ) -> None:
        self.cluster, self.hosts, self.policy = cluster, hosts, _in_subsets(policy_of(cluster))
        self.provisioning = _provisioning(cluster, policy, envoy)
        self._kept: dict[bytes, Selections] = {}

    def choose(self, criteria: Criteria | None = None) -> Selections:
        """Every possible selection, or the end where no host is selectable. Criteria are the route's `envoy.lb` metadata."""
        key = json.encode(criteria, order="deterministic")
        if key not in self._kept:
            self._kept[key] = self._choose(criteria)
        return self._kept[key]

    def explain(self, criteria: Criteria | None = None) -> tuple[Rejected, ...]:
        """The hosts that are not selectable, each with the reason."""
        if self.hosts is None:
            return ()
        among = self._subset(self.hosts, criteria).hosts
        chosen = {id(selected.host.endpoint) for selected in selected_hosts(self.choose(criteria))}
        members = {id(host.endpoint) for host in among}
        load = priority_load(by_priority(among), self.provisioning)
        return tuple(
            Rejected(
                host.endpoint.address, self._because(host, load, id(host.endpoint) in members), host.endpoint.location
            )
            for host in self.hosts
            if id(host.endpoint) not in chosen
        )

    def _subset(self, hosts: tuple[Host, ...], criteria: Criteria | None) -> Subset:
        """The hosts that are balanced over: all, or a subset."""
        return subset_of(self.policy.subset, hosts, criteria) if self.policy.subset else Subset(hosts)

    def _choose(self, criteria: Criteria | None) -> Selections:
        if self.hosts is None:
            return (Outcome(Selection(None)),)
        first = self._selection(self.hosts, criteria)
        if not any(host.may_drain for host in self.hosts):
            return first
        second = self._selection(tuple(map(draining, self.hosts)), criteria)
        if alike(first, second):
            return first
        return (
            *doubtful(first, "the unhealthy hosts are UNHEALTHY"),
            *doubtful(second, "the unhealthy hosts are DRAINING, which this dump does not tell from UNHEALTHY"),
        )

    def _selection(self, hosts: tuple[Host, ...], criteria: Criteria | None) -> Selections:
        subset = self._subset(hosts, criteria)
        notes = (self.policy.why,) if self.policy.why else ()
        shares = self._shares(self._weighed(subset.hosts, hosts))
        if not shares and subset.in_panic:
            return outcomes(self._shares(subset.in_panic), f"{subset.because}, panic_mode_any", notes)
        return outcomes(shares, subset.because, notes)

    def _weighed(self, members: tuple[Host, ...], hosts: tuple[Host, ...]) -> tuple[Host, ...]:
        """`scale_locality_weight`: a locality weighs as much as the subset has of its hosts."""
        if not (self.policy.subset and self.policy.subset.scale_locality_weight and self.policy.locality_weighted):
            return members
        every, inside = (
            Counter((h.endpoint.locality, h.endpoint.priority) for h in group) for group in (hosts, members)
        )
        scaled = []
        for host in members:
            place = host.endpoint.locality, host.endpoint.priority
            weight = int((host.locality_weight or 0) * inside[place] / every[place] + 0.5)
            scaled.append(replace(host, locality_weight=weight))
        return tuple(scaled)

    def _shares(self, hosts: tuple[Host, ...]) -> list[tuple[Host, float]]:
        priorities = by_priority(hosts)
        load = priority_load(priorities, self.provisioning)
        return [
            (host, percent / 100 * share)
            for index, priority in enumerate(priorities)
            for percent, pool in self.pools(index, priority, load)
            for host, share in pool
        ]

    def pools(self, index: int, priority: PriorityHosts, load: PriorityLoad) -> Iterator[tuple[int, Shares]]:
        """What one priority does with its part of the load: percent, and shares among its hosts."""
        over = self.provisioning.overprovisioning
        for percent, health in ((load.healthy[index], "healthy"), (load.degraded[index], "degraded")):
            if percent and load.panic[index]:
                fails = self.policy.fail_traffic_on_panic and not self.policy.is_hash
                yield percent, () if fails else all_shares(priority, self.policy)
            elif percent:
                yield percent, pool_shares(priority, health, self.policy, over)

    def _because(self, host: Host, load: PriorityLoad, is_member: bool) -> str:
        index = host.endpoint.priority
        if not is_member:
            return "not in the subset that is asked for"
        if self.policy.fail_traffic_on_panic and index < len(load.panic) and load.panic[index]:
            return "priority is in panic, and fail_traffic_on_panic is set"
        if host.health == "unhealthy":
            return host.because
        if index < len(load.healthy) and not load.healthy[index] + load.degraded[index]:
            return f"priority {index} gets no load: the priorities before it take 100%"
        if host.health == "degraded":
            return f"{host.because}: the healthy hosts take the whole load"
        return f"locality {host.endpoint.locality or '(none)'} has weight 0"


def _provisioning(cluster: Cluster, policy: assignments.Policy, envoy: Envoy) -> Provisioning:
    threshold = cluster.common_lb_config.healthy_panic_threshold
    panic: Any = runtime_value(envoy.runtime, "upstream.healthy_panic_threshold")
    if not isinstance(panic, int | float) or isinstance(panic, bool):
        panic = 50 if threshold is None else threshold.value
    return Provisioning(policy.overprovisioning_factor, min(100, int(panic + 0.5)), policy.weighted_priority_health)


def _in_subsets(policy: Policy) -> Policy:
    """Inside subsets localities weigh only where `locality_weight_aware` is set."""
    unaware = policy.subset is not None and not policy.subset.locality_weight_aware
    return replace(policy, locality_weighted=False) if unaware else policy


Shares = tuple[tuple[Host, float], ...]


_UNWEIGHTED = ("random", "client_side_weighted_round_robin", "")


def pool_shares(priority: PriorityHosts, health: str, policy: Policy, overprovisioning: int) -> Shares:
    """Shares among the hosts of one health class in one priority, adding up to 1; () where none is selectable."""
    hosts = priority.of("healthy" if policy.is_hash else health)  # hash policies know no degraded hosts
    if policy.locality_weighted and any(host.locality_weight is not None for host in priority.hosts):
        by_locality = _by_locality(hosts, priority, policy, overprovisioning)
        if by_locality is not None:
            return by_locality
    return host_shares(hosts, policy)


def host_shares(hosts: Iterable[Host], policy: Policy) -> Shares:
    """By weight; `random`, policies whose weights only traffic tells, and unknown ones take all alike."""
    weighed = [(host, 1 if policy.name in _UNWEIGHTED else host.weight) for host in hosts]
    total = sum(weight for _, weight in weighed)
    return tuple((host, weight / total) for host, weight in weighed)


def all_shares(priority: PriorityHosts, policy: Policy) -> Shares:
    """In panic: all hosts. Hash policies keep to the weights of localities."""
    if policy.is_hash and policy.locality_weighted and any(h.locality_weight is not None for h in priority.hosts):
        return _joined(_hash_weights(priority.hosts), priority.hosts, policy)
    return host_shares(priority.hosts, policy)


def _by_locality(
    hosts: tuple[Host, ...], priority: PriorityHosts, policy: Policy, overprovisioning: int
) -> Shares | None:
    """None: no locality has any weight, so that localities do not count."""
    if policy.is_hash:
        return _joined(_hash_weights(hosts), hosts, policy)
    weights = {}
    for host in hosts:
        name = host.endpoint.locality
        counted = sum(not h.excluded and h.endpoint.locality == name for h in priority.hosts)
        usable = sum(h.endpoint.locality == name for h in hosts)
        available = min(1.0, overprovisioning / 100 * usable / counted) if counted else 0.0
        weights[name] = (host.locality_weight or 0) * available
    return _joined(weights, hosts, policy) if any(weights.values()) else None


def _hash_weights(hosts: tuple[Host, ...]) -> dict[str, float]:
    """Hash policies take the weights as they are; with no weight anywhere they have no host at all."""
    return {host.endpoint.locality: float(host.locality_weight or 0) for host in hosts}


def _joined(weights: dict[str, float], hosts: tuple[Host, ...], policy: Policy) -> Shares:
    total = sum(weights.values())
    if not total:
        return ()
    shares: list[tuple[Host, float]] = []
    for name, weight in weights.items():
        inside = host_shares((host for host in hosts if host.endpoint.locality == name), policy)
        shares.extend((host, share * weight / total) for host, share in inside if weight)
    return tuple(shares)
