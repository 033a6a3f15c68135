"""Aggregate clusters: the priorities of the members one after another, as if they were those of one cluster.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/aggregate_cluster
The aggregate picks a priority; the member that owns it picks the host by its own policy, in its own panic or not.
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.load_balancing import LoadBalancer
from meshscope.simulation.cluster.priorities import PriorityLoad, by_priority, priority_load
from meshscope.simulation.cluster.selection import Selection, outcomes
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, End
from meshscope.simulation.outcome import Outcome


class MemberSelection(Struct, frozen=True):
    """The member cluster that serves, and the hosts in it."""

    cluster: str
    selection: Selection


def aggregate(members: tuple[LoadBalancer, ...], of: LoadBalancer) -> tuple[Outcome[MemberSelection], ...]:
    """One outcome for each member that may serve. Members that are not active clusters are left out by the caller.

    A member of whose hosts nothing is known makes the members possible, each with an unknown probability.
    """
    if any(member.hosts is None for member in members):
        return tuple(Outcome(MemberSelection(m.cluster.name, Selection(None)), None, "any member") for m in members)
    priorities = [by_priority(member.hosts or ()) for member in members]
    load = priority_load(tuple(p for own in priorities for p in own) or by_priority(()), of.provisioning)
    found: list[Outcome[MemberSelection]] = []
    lost, first = 0.0, 0
    for member, own in zip(members, priorities, strict=True):
        part = slice(first, first + len(own))
        first += len(own)
        alone = priority_load(own, member.provisioning)
        given = PriorityLoad(load.healthy[part], load.degraded[part], alone.panic)
        total = (sum(given.healthy) + sum(given.degraded)) / 100
        # a hash policy picks the priority anew, by what the member alone would do
        share, scale = (alone, total) if member.policy.is_hash else (given, 1.0)
        hosts: list[tuple[Host, float]] = [
            (host, scale * percent / 100 * in_pool)
            for index, priority in enumerate(own)
            for percent, pool in member.pools(index, priority, share)
            for host, in_pool in pool
        ]
        taken = sum(part_of for _, part_of in hosts)
        lost += total - taken
        for outcome in outcomes(hosts, "", ()) if taken else ():
            if not isinstance(outcome.value, End):
                condition = f"member {member.cluster.name}" if taken < 1 else ""
                found.append(Outcome(MemberSelection(member.cluster.name, outcome.value), taken, condition))
    if not found:
        return (Outcome(NO_HEALTHY_UPSTREAM),)
    if lost > 1e-9:
        found.append(Outcome(NO_HEALTHY_UPSTREAM, lost, "a priority without a selectable host is picked"))
    return tuple(found)
