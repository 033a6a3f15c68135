"""A load balancer's answer: the selectable hosts with their shares, or no healthy upstream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from meshscope.mesh.endpoints import Endpoint
from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM
from meshscope.simulation.outcome import Outcome


class Selected(Struct, frozen=True):
    host: Host
    share: float

    @property
    def endpoint(self) -> Endpoint:
        return self.host.endpoint


class HostSelection(Struct, frozen=True):
    """The selectable hosts, whose shares add up to 1; None: the hosts are not captured.

    `because` names the subset, `notes` say what is unknown about the shares.
    """

    hosts: tuple[Selected, ...] | None
    because: str = ""
    notes: tuple[str, ...] = ()


class MemberSelection(Struct, frozen=True):
    """The member of an aggregate cluster that is selected, and its hosts."""

    cluster: str
    selection: HostSelection


Selections = tuple[Outcome[HostSelection], ...]


def outcomes(shares: Iterable[tuple[Host, float]], because: str, notes: tuple[str, ...]) -> Selections:
    """Shares of the whole load as outcomes; the load without a host ends with no healthy upstream."""
    hosts = tuple((host, share) for host, share in _by_host(shares) if share > 0)
    served_share = sum(share for _, share in hosts)
    if not hosts:
        return (Outcome(NO_HEALTHY_UPSTREAM, condition=because),)
    selection = HostSelection(tuple(Selected(host, share / served_share) for host, share in hosts), because, notes)
    if served_share > 1 - 1e-9:
        return (Outcome(selection),)
    return (
        Outcome(selection, served_share, "a priority with a selectable host is picked"),
        Outcome(NO_HEALTHY_UPSTREAM, 1 - served_share, "a priority without a selectable host is picked"),
    )


def _by_host(shares: Iterable[tuple[Host, float]]) -> Iterator[tuple[Host, float]]:
    """Each host once, with the sum of its shares."""
    sums: dict[int, tuple[Host, float]] = {}
    for host, share in shares:
        before = sums.get(id(host), (host, 0.0))[1]
        sums[id(host)] = (host, before + share)
    yield from sums.values()


def selected_hosts(selections: Selections) -> Iterator[Selected]:
    for outcome in selections:
        if isinstance(outcome.value, HostSelection):
            yield from outcome.value.hosts or ()


def are_equal(one: Selections, other: Selections) -> bool:
    """Whether both have the same ends, addresses and shares."""

    def comparable(selections: Selections) -> object:
        return [
            sorted((s.endpoint.address, round(s.share, 9)) for s in outcome.value.hosts or ())
            if isinstance(outcome.value, HostSelection)
            else outcome.value
            for outcome in selections
        ]

    return comparable(one) == comparable(other)


def under_condition(selections: Selections, condition: str) -> Iterator[Outcome[HostSelection]]:
    """The selections under a condition, with unknown probabilities."""
    for outcome in selections:
        yield Outcome(outcome.value, None, "; ".join(filter(None, (condition, outcome.condition))))
