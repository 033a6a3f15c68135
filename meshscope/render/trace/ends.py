"""Paths that go alike and end alike, or only end alike, as one with the sum of their shares; what decides, and who lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from meshscope.simulation.bounded_cache import BoundedCache
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.matching.near_miss import ranked
from meshscope.simulation.trace import EndpointRef, Hop, Path, Rejected, Step, StepKind, Trace
from meshscope.simulation.verdict import Truth


class End(Struct, frozen=True):
    """Paths with one ending, and their indices in the trace. `probability` is None where that of one of them is unknown."""

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
        return total([path.probability for path in self.paths])

    def proxies(self, hop: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(path.hops[hop].proxy for path in self.paths if hop < len(path.hops)))

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


def total(probabilities: Sequence[float | None]) -> float | None:
    """Their sum, None where one of them is unknown."""
    known = [probability for probability in probabilities if probability is not None]
    return sum(known) if len(known) == len(probabilities) else None


def ways(trace: Trace) -> tuple[End, ...]:
    """Paths with one ending, through the same configuration of proxies that may differ. What fails is first."""
    ends = [End((index,), (path,)) for index, path in enumerate(trace.paths)]
    found = _united(ends, lambda path: (*_way(path), *_ending(path)))
    return tuple(sorted(found, key=lambda end: (end.path.is_well, end.path.disposition is Disposition.UNKNOWN)))


def outcomes(ways: Sequence[End]) -> tuple[End, ...]:
    """Ways that are the same to the caller: they fail for the same reason, wherever that is."""
    return _united(ways, lambda path: (*(_way(path) if path.is_well else ()), *_ending(path)))


def _united(ends: Sequence[End], likeness: Callable[[Path], object]) -> tuple[End, ...]:
    """One end for those that are alike, in the order of the first ones. A rest of many outcomes stays alone."""
    groups: list[tuple[object, End]] = []
    for end in ends:
        key = likeness(end.path)
        at = next((at for at, (known, _) in enumerate(groups) if known == key), None)
        if at is None or end.path.others:
            groups.append((key, end))
        else:
            one = groups[at][1]
            groups[at] = (key, End((*one.indices, *end.indices), (*one.paths, *end.paths)))
    return tuple(end for _, end in groups)


def _way(path: Path) -> tuple[object, ...]:
    """The configuration on the way, without the names of its proxies."""
    return tuple(
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


def _ending(path: Path) -> tuple[object, ...]:
    reasons = () if path.is_well else decisive(path)
    return (
        path.disposition,
        path.response,
        path.assuming,
        path.if_passed,
        path.others,
        *((at, step.kind, step.chosen, step.because, step.owner) for at, _, step in reasons),
    )


def decisive(path: Path) -> Iterator[tuple[int, int, Step]]:
    """The steps that end the path or leave it open, with the indices of their hop and their own.

    Where no step says no, the route is what answers by itself, else the last step is where the way ends. An assumption need not
    belong to any step, so that none is blamed for it.
    """
    steps = [(at, number, step) for at, hop in enumerate(path.hops) for number, step in enumerate(hop.steps)]
    undecided = [one for one in steps if one[2].verdict is not Truth.YES]
    if undecided or path.disposition in (Disposition.DELIVERED, Disposition.UNKNOWN) or not steps:
        yield from undecided
    elif path.disposition in (Disposition.DIRECT_RESPONSE, Disposition.REDIRECT):
        yield next((one for one in reversed(steps) if one[2].kind is StepKind.ROUTE), steps[-1])
    else:
        yield steps[-1]


def near_misses(step: Step) -> tuple[Rejected, ...]:
    """The candidates that failed a predicate, the nearest first; not those that the chosen one preceded."""
    return _ranked.of(_Losers(step.rejected), lambda: ranked(one for one in step.rejected if not one.after_chosen))


class _Losers:
    """Losers by their identity: a thousand ways out of one listener share a thousand filter chains that lost."""

    def __init__(self, rejected: tuple[Rejected, ...]) -> None:
        self._rejected = rejected

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Losers) and other._rejected is self._rejected

    def __hash__(self) -> int:
        return id(self._rejected)


_ranked = BoundedCache(64)


def owners(hops: Iterable[Hop]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.owner for hop in hops for step in hop.steps if step.owner))
