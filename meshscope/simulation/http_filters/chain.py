"""The HTTP filters of a connection manager, run one after another, each with its configuration from the route.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters#filter-chain-and-route-specific-configuration
The type of a filter decides which filter it is. Its name is its key in the `typed_per_filter_config` of a weighted cluster,
a route, a virtual host or a route configuration, of which the most specific counts. Whether a filter runs at all is decided
by the request's first route.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.header_changes import changes, told
from meshscope.simulation.http_filters.afterwards import as_left
from meshscope.simulation.http_filters.body import has_body
from meshscope.simulation.http_filters.entry import ListedFilter, entries_of, levels_of
from meshscope.simulation.http_filters.filter import (
    Answering,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    Reroute,
    ends,
    under_condition,
)
from meshscope.simulation.outcome import Outcome, in_sequence
from meshscope.simulation.trace import Response, StepKind
from meshscope.xds.extension import Extension
from meshscope.xds.http_filter_config import Router
from meshscope.xds.istio_filters import IstioAlpn


class HttpFilters:
    """A compiled list of filters; keep one for each connection manager.

    `ecds` are the configurations delivered by ECDS, by name. `location` is that of the list.
    """

    def __init__(
        self, filters: tuple[Extension, ...], ecds: Mapping[str, Extension] = {}, location: Location | None = None
    ) -> None:
        self._extensions = filters
        self._entries = tuple(
            entry
            for index, extension in enumerate(filters)
            for entry in entries_of(extension, ecds, location and location / index)
        )
        self._answering = tuple(entry for entry in reversed(self._entries) if entry.answers)
        self._entry = FilterEntry("http_filters", "", location)

    @cached_property
    def alpn(self) -> IstioAlpn | None:
        """The configuration of `istio.alpn`, which replaces the upstream's ALPN list."""
        configs = (extension.config for extension in self._extensions if not extension.disabled)
        return next((config for config in configs if isinstance(config, IstioAlpn)), None)

    @cached_property
    def suppresses_envoy_headers(self) -> bool:
        """An option of the router: it tells the upstream nothing in headers of its own."""
        return any(isinstance(one.config, Router) and one.config.suppress_envoy_headers for one in self._extensions)

    def walk(self, request: HttpRequest, context: FilterContext, start: int = 0) -> FilterOutcomes:
        """Every possible outcome of the filters from `start` to the router.

        After a Reroute the caller chooses the route again and continues from its `resume`: where the next filter asks for
        the route, for only then Envoy chooses it.
        """
        ways: FilterOutcomes = (Outcome(request),)
        levels = levels_of(context.route)
        first = levels if context.first is None else levels_of(context.first)
        for index in range(start, len(self._entries)):
            entry = self._entries[index]
            if entry.is_terminal:
                return tuple(_rerouted(way, index) for way in ways)
            run = entry.filter_for(levels, first)
            if run is not None:
                if entry.asks_for_route:
                    ways = tuple(asked for way in ways for asked in _asked(way, entry, index))
                ways = tuple(after for way in ways for after in _after(way, run, context))
                if not any(_goes_on(way) for way in ways):
                    return ways
        if self._entries and self._entries[-1].may_be_last:
            return tuple(_rerouted(way, len(self._entries)) for way in ways)
        reason = (
            "the last filter is not a router; Envoy refuses such a list" if self._entries else "there are no filters"
        )
        (end,) = ends(Disposition.CLOSED, Response(code=0), self._entry, f"{reason}: nothing answers")
        return tuple(in_sequence(way, end) if _goes_on(way) else way for way in ways)

    @property
    def has_answering(self) -> bool:
        """Whether any filter may put another answer in the place of one."""
        return bool(self._answering)

    def answered(self, end: End, request: HttpRequest, context: FilterContext) -> tuple[Outcome[End], ...]:
        """What the client gets in the place of this answer of Envoy's own; the last filter of the list sees it first."""
        levels = levels_of(context.route)
        first = levels if context.first is None else levels_of(context.first)
        for entry in self._answering:
            run: object = entry.filter_for(levels, first)
            found = run.answered(end, request, context) if isinstance(run, Answering) else ()
            if found:
                return found
        return (Outcome(end),)


def _goes_on(way: FilterOutcome) -> bool:
    """Whether the next filter is still to be run: not after an end, and not where the route is to be chosen before."""
    return isinstance(way.value, HttpRequest) or (isinstance(way.value, Reroute) and way.value.resume is None)


def _after(way: FilterOutcome, run: Filter, context: FilterContext) -> FilterOutcomes:
    """The continuations of `way` through the next filter; a way that has ended stays as it is."""
    value = way.value
    if not _goes_on(way) or isinstance(value, End):
        return (way,)
    request = value.request if isinstance(value, Reroute) else value
    found = run(request, context)
    if context.explain:
        found = tuple(_told(outcome, request) for outcome in found)
    outcomes = (in_sequence(way, as_left(outcome, request)) for outcome in found)
    return tuple(map(_cleared, outcomes) if isinstance(value, Reroute) else outcomes)


def _told(outcome: FilterOutcome, before: HttpRequest) -> FilterOutcome:
    """The same with what the filter changed in its step."""
    value = outcome.value.request if isinstance(outcome.value, Reroute) else outcome.value
    changed = () if isinstance(value, End) else changes(before, value)
    return replace(outcome, steps=told(outcome.steps, changed, StepKind.HTTP_FILTER)) if changed else outcome


def _cleared(way: FilterOutcome) -> FilterOutcome:
    """The same with the route still to be chosen again."""
    return replace(way, value=Reroute(way.value)) if isinstance(way.value, HttpRequest) else way


def _asked(way: FilterOutcome, entry: ListedFilter, index: int) -> FilterOutcomes:
    """`way` as the filter at `index` finds it, which asks for a route that was cleared; both ways where a body decides."""
    rerouted = _rerouted(way, index)
    if rerouted is way or not entry.asks_with_body or not isinstance(rerouted.value, Reroute):
        return (rerouted,)
    body = has_body(rerouted.value.request)
    if body is None:
        return (under_condition(way, "the request has no body"), under_condition(rerouted, "the request has a body"))
    return (rerouted if body else way,)


def _rerouted(way: FilterOutcome, resume: int) -> FilterOutcome:
    """The same; where its route is cleared, filter `resume` is the one that asks for a new one."""
    value = way.value
    if not isinstance(value, Reroute) or value.resume is not None:
        return way
    return replace(way, value=Reroute(value.request, resume))
