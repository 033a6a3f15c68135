"""What every HTTP filter of the simulation shares: where it stands, what it sees, and the ways in which it ends.

A filter is made once of its configuration (`MakeFilter`) and then asked for each request (`Filter`). It lets the request pass,
changed or not, or ends it; what is not modelled passes under an assumption that is said aloud.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.hints import Hint
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import Response, Step, StepKind
from meshscope.simulation.trace_options import DEFAULTS, TraceOptions
from meshscope.simulation.verdict import Truth
from meshscope.xds.message import Message
from meshscope.xds.route import Route, RouteConfigurationHead, VirtualHost
from meshscope.xds.route_action import ClusterWeight


class RouteScope(Struct, frozen=True, kw_only=True):
    """The cached route as filters see it; None where nothing was found. `cluster` is the one that the route leads to."""

    table: RouteConfigurationHead | None = None
    virtual_host: VirtualHost | None = None
    route: Route | None = None
    weighted: ClusterWeight | None = None
    cluster: str = ""
    table_location: Location | None = None
    virtual_host_location: Location | None = None
    route_location: Location | None = None
    weighted_location: Location | None = None


NO_SCOPE = RouteScope()


class FilterContext(Struct, frozen=True, kw_only=True):
    """What a filter sees beside the request.

    `terminates_tls` None: as `connection.tls` says; False where TLS only passes through.
    """

    connection: Connection = Connection()
    route: RouteScope = NO_SCOPE
    envoy: Envoy = Envoy()
    terminates_tls: bool | None = None
    options: TraceOptions = DEFAULTS

    @property
    def explain(self) -> bool:
        return self.options.explain

    @property
    def is_secured(self) -> bool:
        """Whether this proxy ended the client's TLS."""
        return self.connection.tls if self.terminates_tls is None else self.terminates_tls


class Configured(Struct, frozen=True):
    """A configuration and its place."""

    message: Message
    location: Location | None = None


class FilterEntry(Struct, frozen=True):
    """One entry of `http_filters`."""

    name: str
    type_name: str
    location: Location | None = None


class Reroute(Struct, frozen=True):
    """The filter lets the request pass and clears the route cache: the route is chosen anew, then filter `resume` is next."""

    request: HttpRequest
    resume: int = 0


FilterOutcome = Outcome[HttpRequest | Reroute]
FilterOutcomes = tuple[FilterOutcome, ...]
Filter = Callable[[HttpRequest, FilterContext], FilterOutcomes]
MakeFilter = Callable[[FilterEntry, Configured, tuple[Configured, ...]], Filter]
"""Arguments: the entry, its own configuration, and what routes say instead, the most specific first."""


def step(entry: FilterEntry, verdict: Truth, because: str, **more: Any) -> Step:
    """`more` are further fields of the Step; its location is the filter's unless one is given."""
    more.setdefault("location", entry.location)
    return Step(kind=StepKind.HTTP_FILTER, chosen=entry.name, verdict=verdict, because=because, **more)


def passed(
    request: HttpRequest, context: FilterContext, entry: FilterEntry, because: str = "", **more: Any
) -> FilterOutcomes:
    """The filter lets the request pass, which is certain."""
    return (Outcome(request, steps=(step(entry, Truth.YES, because, **more),) if context.explain else ()),)


def assumed(
    request: HttpRequest, entry: FilterEntry, because: str, hint: Hint | None = None, **more: Any
) -> FilterOutcomes:
    """Nobody knows what the filter does: it is assumed to let the request pass."""
    assumption = f"{entry.name} ({entry.type_name or 'type unknown'}) lets the request pass"
    return (Outcome(request, steps=(step(entry, Truth.UNKNOWN, because, hint=hint, **more),), assuming=(assumption,)),)


def ended(
    disposition: Disposition, response: Response, entry: FilterEntry, because: str, **more: Any
) -> FilterOutcomes:
    """The filter answers."""
    return (Outcome(End(disposition, response), steps=(step(entry, Truth.NO, because, **more),)),)


def possible(outcome: FilterOutcome, condition: str, probability: float | None = None) -> FilterOutcome:
    """The same under a condition; by default nobody knows how likely."""
    return Outcome(outcome.value, probability, condition, outcome.steps, outcome.assuming)


def shared(
    branches: Iterable[tuple[bool, float]], words: str, on: FilterOutcomes, off: FilterOutcomes
) -> FilterOutcomes:
    """Outcomes of a share of requests and of the rest; `words` name what the share is of. Decided: one of the two."""
    return tuple(
        outcome if chance == 1.0 else joined(_chance(outcome, f"{words} {'on' if holds else 'off'}", chance), outcome)
        for holds, chance in branches
        for outcome in (on if holds else off)
    )


def _chance(outcome: FilterOutcome, condition: str, chance: float) -> FilterOutcome:
    return Outcome(outcome.value, chance, condition)


def joined(before: FilterOutcome, after: FilterOutcome) -> FilterOutcome:
    """Both one after the other."""
    if after.probability == 1.0 and not (after.steps or after.assuming or after.condition):
        return Outcome(after.value, before.probability, before.condition, before.steps, before.assuming)
    probability = None
    if before.probability is not None and after.probability is not None:
        probability = before.probability * after.probability
    condition = " and ".join(filter(None, (before.condition, after.condition)))
    return Outcome(after.value, probability, condition, before.steps + after.steps, before.assuming + after.assuming)
