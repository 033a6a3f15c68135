"""Aggregate clusters: the priorities of all members in a row, as if they belonged to one cluster.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/aggregate_cluster
The aggregate picks a priority; the member with that priority picks the host by its own policy and in its own panic mode.
"""

from __future__ import annotations

from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.load_balancing import IF_DRAINING, IF_UNHEALTHY, Criteria, LoadBalancer
from meshscope.simulation.cluster.priorities import PriorityLoad, by_priority, priority_load
from meshscope.simulation.cluster.selection import HostSelection, MemberSelection, outcomes
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, End
from meshscope.simulation.outcome import Outcome


def aggregate(
    members: tuple[LoadBalancer, ...], of: LoadBalancer, criteria: Criteria | None = None
) -> tuple[Outcome[MemberSelection], ...]:
    """One outcome for each member that may be selected; `members` are the active ones. Priorities are picked by the health
    of all hosts, whatever subset the `criteria` ask a member for.

    If the hosts of one member are unknown, every member is possible with an unknown probability.
    """
    if_unhealthy = _selections(members, of, criteria)
    if not any(host.may_drain for member in members for host in member.hosts or ()):
        return if_unhealthy
    if_draining = _selections(tuple(member.if_draining() for member in members), of, criteria)
    if _comparable(if_unhealthy) == _comparable(if_draining):
        return if_unhealthy
    return (*_under(if_unhealthy, IF_UNHEALTHY), *_under(if_draining, IF_DRAINING))


def _comparable(selections: tuple[Outcome[MemberSelection], ...]) -> object:
    """The ends, members, addresses and shares."""
    return [
        (one.probability, one.value.cluster, [(s.endpoint.address, s.share) for s in one.value.selection.hosts or ()])
        if isinstance(one.value, MemberSelection)
        else (one.probability, one.value)
        for one in selections
    ]


def _under(selections: tuple[Outcome[MemberSelection], ...], condition: str) -> tuple[Outcome[MemberSelection], ...]:
    """Under a condition whose probability is unknown."""
    return tuple(Outcome(one.value, None, "; ".join(filter(None, (condition, one.condition)))) for one in selections)


def _selections(
    members: tuple[LoadBalancer, ...], of: LoadBalancer, criteria: Criteria | None
) -> tuple[Outcome[MemberSelection], ...]:
    if any(member.hosts is None for member in members):
        return tuple(Outcome(MemberSelection(m.cluster.name, HostSelection(None)), None, "any member") for m in members)
    priorities = [by_priority(member.hosts or ()) for member in members]
    load = priority_load(tuple(p for own in priorities for p in own) or by_priority(()), of.provisioning)
    selections: list[Outcome[MemberSelection]] = []
    unserved_share, first = 0.0, 0
    for member, own in zip(members, priorities, strict=True):
        part = slice(first, first + len(own))
        first += len(own)
        subset = member.subset(criteria)
        asked = by_priority(subset.hosts, len(own))
        alone = priority_load(asked, member.provisioning)
        from_aggregate = PriorityLoad(load.healthy[part], load.degraded[part], alone.panic)
        total = (sum(from_aggregate.healthy) + sum(from_aggregate.degraded)) / 100
        # a hash policy picks the priority again, as the member would on its own
        share, scale = (alone, total) if member.policy.is_hash else (from_aggregate, 1.0)
        hosts: list[tuple[Host, float]] = [
            (host, scale * percent / 100 * in_pool)
            for index, priority in enumerate(asked)
            for percent, pool in member.pools(index, priority, share)
            for host, in_pool in pool or member.all_in(index, subset.panic_hosts, share)
        ]
        served_share = sum(host_share for _, host_share in hosts)
        unserved_share += total - served_share
        for outcome in outcomes(hosts, "", ()) if served_share else ():
            if not isinstance(outcome.value, End):
                condition = f"member {member.cluster.name}" if served_share < 1 else ""
                selections.append(Outcome(MemberSelection(member.cluster.name, outcome.value), served_share, condition))
    if not selections:
        return (Outcome(NO_HEALTHY_UPSTREAM),)
    if unserved_share > 1e-9:
        selections.append(
            Outcome(NO_HEALTHY_UPSTREAM, unserved_share, "a priority without a selectable host is picked")
        )
    return tuple(selections)
