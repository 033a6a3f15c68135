"""What all simulated HTTP filters share: their entry in the list, their context, and their outcomes.

A filter is made once from its configuration (`MakeFilter`) and called for each request (`Filter`). It lets the request pass,
changed or not, or ends it. A filter that is not modelled lets the request pass under an explicit assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar, runtime_checkable

from msgspec import Struct
from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.hints import Hint
from meshscope.simulation.outcome import Outcome, in_sequence
from meshscope.simulation.trace import Response, Step, StepKind
from meshscope.simulation.trace_options import DEFAULTS, TraceOptions
from meshscope.simulation.verdict import Truth
from meshscope.xds.message import Message
from meshscope.xds.metadata import Metadata
from meshscope.xds.route import Route, RouteConfigurationHead, VirtualHost
from meshscope.xds.route_action import ClusterWeight


class RouteScope(Struct, frozen=True, kw_only=True):
    """The cached route as filters see it; a level that does not exist is None. `cluster` is the route's target.

    `forward_proxy`: it is a dynamic forward proxy.
    """

    table: RouteConfigurationHead | None = None
    virtual_host: VirtualHost | None = None
    route: Route | None = None
    weighted: ClusterWeight | None = None
    cluster: str = ""
    forward_proxy: bool = False
    table_location: Location | None = None
    virtual_host_location: Location | None = None
    route_location: Location | None = None
    weighted_location: Location | None = None


NO_SCOPE = RouteScope()


def _reachable(_cluster: str) -> str:
    return ""


class NamedCluster(Struct, frozen=True):
    """A cluster that is there, or may be; `metadata` None: not known."""

    name: str
    metadata: Metadata | None = None


class FilterContext(Struct, frozen=True, kw_only=True):
    """What a filter sees besides the request.

    `terminates_tls` is False where TLS only passes through; None: the same as `connection.tls`. `first` is the route that
    was chosen first, None while there was no other. `unreachable` says why a service's cluster cannot be asked, "" where
    it may be. `cluster` is the cluster of a name, None where there is none.
    """

    connection: Connection = Connection()
    route: RouteScope = NO_SCOPE
    envoy: Envoy = Envoy()
    terminates_tls: bool | None = None
    options: TraceOptions = DEFAULTS
    first: RouteScope | None = None
    unreachable: Callable[[str], str] = _reachable
    cluster: Callable[[str], NamedCluster | None] = NamedCluster

    @property
    def explain(self) -> bool:
        return self.options.explain

    @property
    def is_secured(self) -> bool:
        """Whether this proxy terminated the client's TLS."""
        return self.connection.tls if self.terminates_tls is None else self.terminates_tls


class Configuration(Struct, frozen=True):
    """A filter's configuration and where it is written."""

    message: Message
    location: Location | None = None


class FilterEntry(Struct, frozen=True):
    """One entry of `http_filters`."""

    name: str
    type_name: str
    location: Location | None = None


class Reroute(Struct, frozen=True):
    """The filter lets the request pass and clears the route cache: a new route is chosen, then filter `resume` is next.

    `resume` None: no filter has asked for the route since.
    """

    request: HttpRequest
    resume: int | None = None


@runtime_checkable
class Answering(Protocol):
    """A filter that may put another answer in the place of one; () leaves it as it is."""

    def answered(self, end: End, request: HttpRequest, context: FilterContext) -> tuple[Outcome[End], ...]: ...


FilterOutcome = Outcome[HttpRequest | Reroute]
FilterOutcomes = tuple[FilterOutcome, ...]
Filter = Callable[[HttpRequest, FilterContext], FilterOutcomes]
MakeFilter = Callable[[FilterEntry, Configuration, tuple[Configuration, ...]], Filter]
"""Arguments: the entry, its own configuration, and the routes' configurations for it, the most specific first."""

C = TypeVar("C", bound=Message)


def by_most_specific(type_: type[C], noun: str, make: Callable[[FilterEntry, C], Filter]) -> MakeFilter:
    """For a filter whose most specific configuration replaces all others. What one of another type does is unknown.

    `noun` is the type in words; the entry that `make` gets is where that configuration is written.
    """

    def made(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
        chosen = overrides[0] if overrides else own
        if not isinstance(chosen.message, type_):
            return lambda request, _: assumed_to_pass(request, entry, f"its configuration is not {noun}")
        return make(FilterEntry(entry.name, entry.type_name, chosen.location or entry.location), chosen.message)

    return made


def step(entry: FilterEntry, verdict: Truth, because: str, **more: Any) -> Step:
    """`more` are further fields of the Step; its location is the filter's unless one is given."""
    more.setdefault("location", entry.location)
    return Step(kind=StepKind.HTTP_FILTER, chosen=entry.name, verdict=verdict, because=because, **more)


def passes(
    request: HttpRequest, context: FilterContext, entry: FilterEntry, because: str = "", **more: Any
) -> FilterOutcomes:
    """The filter certainly lets the request pass."""
    return (Outcome(request, steps=(step(entry, Truth.YES, because, **more),) if context.explain else ()),)


def assumed_to_pass(
    request: HttpRequest, entry: FilterEntry, because: str, hint: Hint | None = None, **more: Any
) -> FilterOutcomes:
    """What the filter does is unknown; it is assumed to let the request pass."""
    assumption = f"{entry.name} ({entry.type_name or 'type unknown'}) lets the request pass"
    return (Outcome(request, steps=(step(entry, Truth.UNKNOWN, because, hint=hint, **more),), assuming=(assumption,)),)


def ends(disposition: Disposition, response: Response, entry: FilterEntry, because: str, **more: Any) -> FilterOutcomes:
    """The filter ends the request with this response."""
    return (Outcome(End(disposition, response), steps=(step(entry, Truth.NO, because, **more),)),)


def under_condition(outcome: FilterOutcome, condition: str, probability: float | None = None) -> FilterOutcome:
    """The same outcome under a condition, whose probability is unknown unless it is given."""
    return Outcome(outcome.value, probability, condition, outcome.steps, outcome.assuming)


def rerouted(outcomes: FilterOutcomes) -> FilterOutcomes:
    """The same outcomes, with the route to be chosen again."""
    return tuple(
        replace(one, value=Reroute(one.value)) if isinstance(one.value, HttpRequest) else one for one in outcomes
    )


def by_share(
    branches: Iterable[tuple[bool, float]], words: str, on: FilterOutcomes, off: FilterOutcomes
) -> FilterOutcomes:
    """The outcomes of a share of requests (`on`) and of the rest (`off`); only one of the two where the share is decided.

    `words` name what is on or off.
    """
    return tuple(
        outcome
        if chance == 1.0
        else in_sequence(Outcome(outcome.value, chance, f"{words} {'on' if is_on else 'off'}"), outcome)
        for is_on, chance in branches
        for outcome in (on if is_on else off)
    )
