"""Paths that end alike, as one end with the sum of their shares; the steps that decide, and the nearest losers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import EndpointRef, Hop, Path, Rejected, Step, StepKind, Trace
from meshscope.simulation.verdict import Truth


class End(Struct, frozen=True):
    """Paths with one ending and one reason, through the same configuration of different proxies.

    `indices` are theirs in the trace. `probability` is None where that of one of them is unknown.
    """

    indices: tuple[int, ...]
    paths: tuple[Path, ...]

    @property
    def path(self) -> Path:
        return self.paths[0]

    @property
    def index(self) -> int:
        return self.indices[0]

    @property
    def probability(self) -> float | None:
        known = [path.probability for path in self.paths if path.probability is not None]
        return sum(known) if len(known) == len(self.paths) else None

    def proxies(self, hop: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(path.hops[hop].proxy for path in self.paths))

    def endpoints(self, hop: int) -> tuple[EndpointRef, ...]:
        found = (endpoint for path in self.paths for endpoint in path.hops[hop].endpoints or ())
        return tuple({endpoint.address: endpoint for endpoint in found}.values())

    @property
    def receivers(self) -> tuple[str, ...]:
        """The pods or addresses of which one gets a delivered request."""
        names: dict[str, None] = {}
        for path in self.paths:
            if not path.hops:
                continue
            last = path.hops[-1]
            if last.direction == "inbound":
                names[last.proxy] = None
            else:
                names.update((endpoint.pod or endpoint.address, None) for endpoint in last.endpoints or ())
        return tuple(names)


def ends(trace: Trace) -> tuple[End, ...]:
    """What fails is first, then what is unknown; else as in the trace."""
    groups: list[tuple[tuple[object, ...], list[int]]] = []
    for index, path in enumerate(trace.paths):
        key = _likeness(path)
        same = next((indices for known, indices in groups if known == key), None)
        if same is None or path.others:
            groups.append((key, [index]))
        else:
            same.append(index)
    found = [End(tuple(indices), tuple(trace.paths[index] for index in indices)) for _, indices in groups]
    return tuple(sorted(found, key=lambda end: (end.path.is_well, end.path.disposition is Disposition.UNKNOWN)))


def _likeness(path: Path) -> tuple[object, ...]:
    """What equal ends have in common. Names of proxies, their endpoints and places may differ."""
    ways = tuple(
        (
            hop.direction,
            hop.listener,
            hop.filter_chain,
            hop.route_config,
            hop.virtual_host,
            hop.route,
            hop.cluster,
            hop.tls,
        )
        for hop in path.hops
    )
    reasons = tuple(
        (position, step.kind, step.chosen, step.because, step.owner)
        for position, _, step in decisive(path)
        if not path.is_well
    )
    return path.disposition, path.response, path.assuming, path.if_passed, path.others, ways, reasons


def decisive(path: Path) -> Iterator[tuple[int, int, Step]]:
    """The steps that end the path or leave it open, with the indices of their hop and their own.

    Where no step says no, the route is what answers by itself, else the last step is where the way ends.
    """
    steps = [(at, number, step) for at, hop in enumerate(path.hops) for number, step in enumerate(hop.steps)]
    undecided = [one for one in steps if one[2].verdict is not Truth.YES]
    if undecided or path.disposition is Disposition.DELIVERED or not steps:
        yield from undecided
    elif path.disposition in (Disposition.DIRECT_RESPONSE, Disposition.REDIRECT):
        yield next((one for one in reversed(steps) if one[2].kind is StepKind.ROUTE), steps[-1])
    else:
        yield steps[-1]


def near_misses(step: Step) -> tuple[Rejected, ...]:
    """The candidates that failed a predicate, the nearest first; not those that the chosen one preceded."""
    return tuple(sorted((one for one in step.rejected if not one.after_chosen), key=lambda one: one.near))


def owners(hops: Iterator[Hop]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.owner for hop in hops for step in hop.steps if step.owner))
