"""Composite clusters: the first attempt goes to the first member that has a host for it.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/clusters/composite/v3/cluster.proto
Which member a retry goes to depends on what the attempts before it met.
"""

from __future__ import annotations

from meshscope.simulation.cluster.load_balancing import Criteria, LoadBalancer
from meshscope.simulation.cluster.selection import MemberSelection
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, End
from meshscope.simulation.outcome import Outcome, in_sequence


def composite(
    members: tuple[LoadBalancer, ...], criteria: Criteria | None, *, http: bool
) -> tuple[Outcome[MemberSelection], ...]:
    """One outcome for each member that may serve; `members` are the active ones. TCP has no attempts, and so no member."""
    found: list[Outcome[MemberSelection]] = []
    left: tuple[Outcome[None], ...] = (Outcome(None),)
    for member in members if http else ():
        passed_on: list[Outcome[None]] = []
        for before in left:
            for outcome in member.choose(criteria):
                after = in_sequence(before, outcome)
                if isinstance(outcome.value, End):
                    passed_on.append(Outcome(None, after.probability, after.condition))
                else:
                    selection = MemberSelection(member.cluster.name, outcome.value)
                    found.append(Outcome(selection, after.probability, after.condition))
        left = tuple(passed_on)
    return (*found, *(Outcome(NO_HEALTHY_UPSTREAM, one.probability, one.condition) for one in left))
