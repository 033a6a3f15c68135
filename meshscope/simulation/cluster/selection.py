"""What a load balancer answers: the selectable hosts with their shares, or that nobody gets the request."""

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


class Selection(Struct, frozen=True):
    """The selectable hosts; their shares add up to 1. None: nothing captured tells which hosts there are. `because` says
    what narrowed them down, `notes` what is not known of the shares.
    """

    hosts: tuple[Selected, ...] | None
    because: str = ""
    notes: tuple[str, ...] = ()


Selections = tuple[Outcome[Selection], ...]


def outcomes(shares: Iterable[tuple[Host, float]], because: str, notes: tuple[str, ...]) -> Selections:
    """Shares of the whole load as outcomes; what no host takes finds no healthy upstream."""
    selected = tuple(Selected(host, share) for host, share in _merged(shares) if share > 0)
    taken = sum(one.share for one in selected)
    if not selected:
        return (Outcome(NO_HEALTHY_UPSTREAM, condition=because),)
    whole = tuple(Selected(one.host, one.share / taken) for one in selected)
    if taken > 1 - 1e-9:
        return (Outcome(Selection(whole, because, notes)),)
    return (
        Outcome(Selection(whole, because, notes), taken, "a priority with a selectable host is picked"),
        Outcome(NO_HEALTHY_UPSTREAM, 1 - taken, "a priority without a selectable host is picked"),
    )


def _merged(shares: Iterable[tuple[Host, float]]) -> Iterator[tuple[Host, float]]:
    found: dict[int, tuple[Host, float]] = {}
    for host, share in shares:
        before = found.get(id(host), (host, 0.0))[1]
        found[id(host)] = (host, before + share)
    yield from found.values()


def selected_hosts(selections: Selections) -> Iterator[Selected]:
    for outcome in selections:
        if isinstance(outcome.value, Selection):
            yield from outcome.value.hosts or ()


def alike(one: Selections, other: Selections) -> bool:
    def shown(selections: Selections) -> object:
        return [
            sorted((s.endpoint.address, round(s.share, 9)) for s in outcome.value.hosts or ())
            if isinstance(outcome.value, Selection)
            else outcome.value
            for outcome in selections
        ]

    return shown(one) == shown(other)


def doubtful(selections: Selections, condition: str) -> Iterator[Outcome[Selection]]:
    for outcome in selections:
        words = "; ".join(part for part in (condition, outcome.condition) if part)
        yield Outcome(outcome.value, None, words)
