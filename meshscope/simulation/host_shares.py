"""Which share of its load each host of a pool gets, by load balancing policy and locality.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/locality_weight
"""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.simulation.hosts import Host
from meshscope.simulation.priorities import PriorityHosts
from meshscope.xds.load_balancing_policy import Policy

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
