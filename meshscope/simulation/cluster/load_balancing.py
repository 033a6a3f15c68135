"""The hosts of a cluster that may get a request, their shares, and why the others are not selectable.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancing
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/locality_weight
The answer is a set, never one host. The loads of priorities are whole percents, as in Envoy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import json
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host, as_draining
from meshscope.simulation.cluster.priorities import (
    PriorityHosts,
    PriorityLoad,
    Provisioning,
    by_priority,
    priority_load,
)
from meshscope.simulation.cluster.selection import (
    HostSelection,
    Selections,
    are_equal,
    outcomes,
    selected_hosts,
    under_condition,
)
from meshscope.simulation.cluster.subsets import Subset, subset_of
from meshscope.simulation.connection import Envoy
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.runtime_fraction import runtime_value
from meshscope.simulation.trace import Rejected
from meshscope.xds import endpoint as assignments
from meshscope.xds.cluster import Cluster
from meshscope.xds.load_balancing_policy import Policy, policy_of

Criteria = Mapping[str, Any]
Shares = tuple[tuple[Host, float], ...]

PANIC = "panic: too few hosts are healthy, so all of them get requests"
IF_UNHEALTHY = "the unhealthy hosts are UNHEALTHY"
IF_DRAINING = "the unhealthy hosts are DRAINING, which this dump shows as UNHEALTHY"
_UNWEIGHTED = ("random", "client_side_weighted_round_robin", "")


class LoadBalancer:
    """One cluster's load balancer. `hosts` None: unknown. Selections are cached by criteria, of which routes have few."""

    def __init__(
        self, cluster: Cluster, hosts: tuple[Host, ...] | None, policy: assignments.Policy, envoy: Envoy
    ) -> None:
        self.cluster, self.hosts, self.policy = cluster, hosts, _in_subsets(policy_of(cluster))
        self.provisioning = _provisioning(cluster, policy, envoy)
        self._assigned, self._envoy = policy, envoy
        self._by_criteria: dict[bytes, Selections] = {}

    def choose(self, criteria: Criteria | None = None) -> Selections:
        """Every possible selection, or the end where no host is selectable. Criteria are the route's `envoy.lb` metadata."""
        key = json.encode(criteria, order="deterministic")
        if key not in self._by_criteria:
            self._by_criteria[key] = self._choose(criteria)
        return self._by_criteria[key]

    def explain(self, criteria: Criteria | None = None) -> tuple[Rejected, ...]:
        """The hosts that are not selectable, each with the reason."""
        if self.hosts is None:
            return ()
        subset = self._subset(self.hosts, criteria).hosts
        chosen = {id(selected.host.endpoint) for selected in selected_hosts(self.choose(criteria))}
        members = {id(host.endpoint) for host in subset}
        load = priority_load(by_priority(subset), self.provisioning)
        return tuple(
            Rejected(
                host.endpoint.address, self._because(host, load, id(host.endpoint) in members), host.endpoint.location
            )
            for host in self.hosts
            if id(host.endpoint) not in chosen
        )

    def subset(self, criteria: Criteria | None) -> Subset:
        """The hosts to balance over as an aggregate's member: all of them, or a subset, with the weights of its localities."""
        hosts = self.hosts or ()
        subset = self._subset(hosts, criteria)
        return replace(subset, hosts=self._with_scaled_localities(subset.hosts, hosts))

    def if_draining(self) -> LoadBalancer:
        """The same if its unhealthy hosts drain."""
        hosts = tuple(map(as_draining, self.hosts or ()))
        return LoadBalancer(self.cluster, hosts, self._assigned, self._envoy)

    def all_in(self, index: int, hosts: tuple[Host, ...], load: PriorityLoad) -> Shares:
        """`panic_mode_any` of an aggregate's member: shares among the `hosts` of the priority that the aggregate picked."""
        priorities = by_priority(hosts, len(load.healthy))
        alone = priority_load(priorities, self.provisioning)
        health = "healthy" if load.healthy[index] else "degraded"
        if alone.panic[index]:
            return all_shares(priorities[index], self.policy)
        return pool_shares(priorities[index], health, self.policy, self.provisioning.overprovisioning)

    def _subset(self, hosts: tuple[Host, ...], criteria: Criteria | None) -> Subset:
        """The hosts to balance over: all of them, or a subset."""
        return subset_of(self.policy.subset, hosts, criteria) if self.policy.subset else Subset(hosts)

    def _choose(self, criteria: Criteria | None) -> Selections:
        if self.hosts is None:
            return (Outcome(HostSelection(None)),)
        if_unhealthy = self._select(self.hosts, criteria)
        if not any(host.may_drain for host in self.hosts):
            return if_unhealthy
        if_draining = self._select(tuple(map(as_draining, self.hosts)), criteria)
        if are_equal(if_unhealthy, if_draining):
            return if_unhealthy
        return (
            *under_condition(if_unhealthy, IF_UNHEALTHY),
            *under_condition(if_draining, IF_DRAINING),
        )

    def _select(self, hosts: tuple[Host, ...], criteria: Criteria | None) -> Selections:
        subset = self._subset(hosts, criteria)
        notes = (self.policy.why,) if self.policy.why else ()
        shares, panic = self._shares(self._with_scaled_localities(subset.hosts, hosts))
        if not shares and subset.panic_hosts:
            shares, _ = self._shares(subset.panic_hosts)
            return outcomes(shares, f"{subset.because}, panic_mode_any", notes)
        return outcomes(shares, " · ".join(filter(None, (subset.because, panic))), notes)

    def _with_scaled_localities(self, members: tuple[Host, ...], hosts: tuple[Host, ...]) -> tuple[Host, ...]:
        """`scale_locality_weight`: the weight of a locality is scaled to the part of its hosts in the subset."""
        if not (self.policy.subset and self.policy.subset.scale_locality_weight and self.policy.locality_weighted):
            return members
        counts, member_counts = (
            Counter((host.endpoint.locality, host.endpoint.priority) for host in group) for group in (hosts, members)
        )
        scaled_hosts = []
        for host in members:
            locality = host.endpoint.locality, host.endpoint.priority
            weight = int((host.locality_weight or 0) * member_counts[locality] / counts[locality] + 0.5)
            scaled_hosts.append(replace(host, locality_weight=weight))
        return tuple(scaled_hosts)

    def _shares(self, hosts: tuple[Host, ...]) -> tuple[list[tuple[Host, float]], str]:
        """The hosts with their shares of the whole load, and in words whether they get requests in panic."""
        priorities = by_priority(hosts)
        load = priority_load(priorities, self.provisioning)
        shares = [
            (host, percent / 100 * share)
            for index, priority in enumerate(priorities)
            for percent, pool in self.pools(index, priority, load)
            for host, share in pool
        ]
        in_panic = any(load.panic[host.endpoint.priority] for host, share in shares if share)
        return shares, PANIC if in_panic else ""

    def pools(self, index: int, priority: PriorityHosts, load: PriorityLoad) -> Iterator[tuple[int, Shares]]:
        """One priority's parts of the load, for healthy and for degraded hosts: percent, and shares among its hosts."""
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
            return "not in the requested subset"
        if self.policy.fail_traffic_on_panic and index < len(load.panic) and load.panic[index]:
            return f"priority {index} is in panic, and fail_traffic_on_panic is set"
        if host.health == "unhealthy":
            return host.because
        if index < len(load.healthy) and not load.healthy[index] + load.degraded[index]:
            return f"priority {index} gets no load: the priorities before it get 100%"
        if host.health == "degraded":
            return f"{host.because}: the healthy hosts get the whole load"
        return f"locality {host.endpoint.locality or '(none)'} has weight 0"


def _provisioning(cluster: Cluster, policy: assignments.Policy, envoy: Envoy) -> Provisioning:
    threshold = cluster.common_lb_config.healthy_panic_threshold
    panic: Any = runtime_value(envoy.runtime, "upstream.healthy_panic_threshold")
    if not isinstance(panic, int | float) or isinstance(panic, bool):
        panic = 50 if threshold is None else threshold.value
    return Provisioning(policy.overprovisioning_factor, min(100, int(panic + 0.5)), policy.weighted_priority_health)


def _in_subsets(policy: Policy) -> Policy:
    """In subsets, locality weights count only if `locality_weight_aware` is set."""
    unaware = policy.subset is not None and not policy.subset.locality_weight_aware
    return replace(policy, locality_weighted=False) if unaware else policy


def pool_shares(priority: PriorityHosts, health: str, policy: Policy, overprovisioning: int) -> Shares:
    """Shares among the hosts of one health class in one priority, adding up to 1; () if no host is selectable."""
    hosts = priority.of("healthy" if policy.is_hash else health)  # hash policies ignore degraded hosts
    if policy.locality_weighted and any(host.locality_weight is not None for host in priority.hosts):
        by_locality = _by_locality(hosts, priority, policy, overprovisioning)
        if by_locality is not None:
            return by_locality
    return host_shares(hosts, policy)


def host_shares(hosts: Iterable[Host], policy: Policy) -> Shares:
    """Shares by weight; equal shares for `random`, for policies with weights from load reports, and for unknown policies."""
    weights = [(host, 1 if policy.name in _UNWEIGHTED else host.weight) for host in hosts]
    total = sum(weight for _, weight in weights)
    return tuple((host, weight / total) for host, weight in weights)


def all_shares(priority: PriorityHosts, policy: Policy) -> Shares:
    """Shares among all hosts, in panic. Hash policies still respect the weights of localities."""
    if policy.is_hash and policy.locality_weighted and any(h.locality_weight is not None for h in priority.hosts):
        return _shares_by_locality(_hash_weights(priority.hosts), priority.hosts, policy)
    return host_shares(priority.hosts, policy)


def _by_locality(
    hosts: tuple[Host, ...], priority: PriorityHosts, policy: Policy, overprovisioning: int
) -> Shares | None:
    """None if every locality has the weight 0, so that localities do not count."""
    if policy.is_hash:
        return _shares_by_locality(_hash_weights(hosts), hosts, policy)
    weights = {}
    for host in hosts:
        name = host.endpoint.locality
        count = sum(not h.excluded and h.endpoint.locality == name for h in priority.hosts)
        usable = sum(h.endpoint.locality == name for h in hosts)
        availability = min(1.0, overprovisioning / 100 * usable / count) if count else 0.0
        weights[name] = (host.locality_weight or 0) * availability
    return _shares_by_locality(weights, hosts, policy) if any(weights.values()) else None


def _hash_weights(hosts: tuple[Host, ...]) -> dict[str, float]:
    """Hash policies use the weights unchanged; if all of them are 0, no host is selectable."""
    return {host.endpoint.locality: float(host.locality_weight or 0) for host in hosts}


def _shares_by_locality(weights: dict[str, float], hosts: tuple[Host, ...], policy: Policy) -> Shares:
    total = sum(weights.values())
    if not total:
        return ()
    shares: list[tuple[Host, float]] = []
    for name, weight in weights.items():
        inside = host_shares((host for host in hosts if host.endpoint.locality == name), policy)
        shares.extend((host, share * weight / total) for host, share in inside if weight)
    return tuple(shares)
