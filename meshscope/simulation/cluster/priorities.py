"""The spread of load over priorities: health, overprovisioning, panic.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/panic_threshold
Loads are whole percents, rounded down as in Envoy; the remainder goes to the first priority with available hosts.
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.cluster.hosts import Host


class PriorityHosts(Struct, frozen=True):
    """All hosts of one priority, in the order of the evidence."""

    hosts: tuple[Host, ...]

    @property
    def count(self) -> int:
        """The number of hosts that are not excluded."""
        return sum(not host.excluded for host in self.hosts)

    def of(self, health: str) -> tuple[Host, ...]:
        return tuple(host for host in self.hosts if host.health == health)


class PriorityLoad(Struct, frozen=True):
    """Percent of the load by priority, for healthy and for degraded hosts. A priority in panic uses all of its hosts."""

    healthy: tuple[int, ...]
    degraded: tuple[int, ...]
    panic: tuple[bool, ...]


class Provisioning(Struct, frozen=True):
    """`overprovisioning` and `panic` are percents; `by_weight`: health is measured by the hosts' weights, not their number."""

    overprovisioning: int = 140
    panic: float = 50
    by_weight: bool = False


def by_priority(hosts: tuple[Host, ...], least: int = 1) -> tuple[PriorityHosts, ...]:
    """The hosts by priority, from 0; a gap is an empty priority, and so are missing ones of the `least` that there are."""
    last = max((host.endpoint.priority for host in hosts), default=0)
    groups: list[list[Host]] = [[] for _ in range(max(last + 1, least))]
    for host in hosts:
        groups[host.endpoint.priority].append(host)
    return tuple(PriorityHosts(tuple(group)) for group in groups)


def priority_load(priorities: tuple[PriorityHosts, ...], provisioning: Provisioning) -> PriorityLoad:
    healthy = [_availability(p, "healthy", provisioning) for p in priorities]
    degraded = [_availability(p, "degraded", provisioning) for p in priorities]
    available = min(100, sum(healthy) + sum(degraded))
    to_healthy, to_degraded = [0] * len(priorities), [0] * len(priorities)
    if available:
        left = _distribute(to_healthy, healthy, 100, available)
        left = _distribute(to_degraded, degraded, left, available)
        first = next((i for i, share in enumerate(healthy) if share), None)
        if first is not None:
            to_healthy[first] += left
        else:
            to_degraded[next(i for i, share in enumerate(degraded) if share)] += left
    if not available and not provisioning.panic:
        to_healthy[0] = 100  # there is no healthy host, so no host gets the request
        return PriorityLoad(tuple(to_healthy), tuple(to_degraded), (False,) * len(priorities))
    panic = tuple(available < 100 and _in_panic(p, provisioning.panic) for p in priorities)
    if all(panic):
        return PriorityLoad(_by_count(priorities), (0,) * len(priorities), panic)
    return PriorityLoad(tuple(to_healthy), tuple(to_degraded), panic)


def _availability(priority: PriorityHosts, health: str, provisioning: Provisioning) -> int:
    if not priority.count:
        return 0
    if provisioning.by_weight:
        part = sum(host.weight for host in priority.of(health))
        whole = sum(host.weight for host in priority.hosts if not host.excluded)
    else:
        part, whole = len(priority.of(health)), priority.count
    return min(100, provisioning.overprovisioning * part // whole)


def _distribute(load: list[int], availability: list[int], total: int, available: int) -> int:
    for index, share in enumerate(availability):
        load[index] = min(total, share * 100 // available)
        total -= load[index]
    return total


def _in_panic(priority: PriorityHosts, threshold: float) -> bool:
    usable = len(priority.of("healthy")) + len(priority.of("degraded"))
    return (100.0 * usable / priority.count if priority.count else 0.0) < threshold


def _by_count(priorities: tuple[PriorityHosts, ...]) -> tuple[int, ...]:
    """The load if all priorities are in panic: by the number of their hosts, whatever their health."""
    counts = [len(priority.hosts) for priority in priorities]
    total = sum(counts)
    if not total:
        return (100, *([0] * (len(counts) - 1)))
    load = [100 * count // total for count in counts]
    load[next(i for i, count in enumerate(counts) if count)] += 100 - sum(load)
    return tuple(load)
