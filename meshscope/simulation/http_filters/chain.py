"""The HTTP filters of a connection manager, run one after another, each with its configuration from the route.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters#filter-chain-and-route-specific-configuration
The type of a filter decides which filter it is. Its name is its key in the `typed_per_filter_config` of a weighted cluster,
a route, a virtual host or a route configuration, of which the most specific counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Raw
from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.delay import METADATA, after_delay
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    Reroute,
    RouteScope,
    assumed_to_pass,
    ends,
    passes,
)
from meshscope.simulation.http_filters.models import PARTLY, PASSES, ROUTER, UNKNOWN, Model, key_of, model_of
from meshscope.simulation.http_filters.per_route import PerRoute, read_per_route
from meshscope.simulation.outcome import Outcome, in_sequence
from meshscope.simulation.trace import Response
from meshscope.xds.extension import Extension, Unmodelled
from meshscope.xds.istio_filters import IstioAlpn, IstioAuthn
from meshscope.xds.message import Message, Undecodable, decode, present

Levels = tuple[tuple[dict[str, Raw], Location | None], ...]
"""The per-filter configurations of each level of a route, and the level's location; the most specific first."""


class HttpFilters:
    """A compiled list of filters; keep one for each connection manager.

    `ecds` are the configurations delivered by ECDS, by name. `location` is that of the list.
    """

    def __init__(
        self, filters: tuple[Extension, ...], ecds: Mapping[str, Extension] = {}, location: Location | None = None
    ) -> None:
        self._extensions = filters
        self._entries = tuple(
            _Entry(extension, ecds, location and location / index) for index, extension in enumerate(filters)
        )
        self._entry = FilterEntry("http_filters", "", location)

    @cached_property
    def alpn(self) -> IstioAlpn | None:
        """The configuration of `istio.alpn`, which replaces the upstream's ALPN list."""
        configs = (extension.config for extension in self._extensions if not extension.disabled)
        return next((config for config in configs if isinstance(config, IstioAlpn)), None)

    def walk(self, request: HttpRequest, context: FilterContext, start: int = 0) -> FilterOutcomes:
        """Every possible outcome of the filters from `start` to the router.

        After a Reroute the caller chooses the route again and continues from its `resume`.
        """
        ways: FilterOutcomes = (Outcome(request),)
        levels = _levels(context.route)
        for index in range(start, len(self._entries)):
            entry = self._entries[index]
            if entry.is_router:
                return ways
            run = entry.filter_for(levels)
            if run is not None:
                ways = tuple(after for way in ways for after in _after(way, run, context, index + 1))
                if not any(isinstance(way.value, HttpRequest) for way in ways):
                    return ways
        if self._entries and self._entries[-1].may_be_last:
            return ways
        reason = (
            "the last filter is not a router; Envoy refuses such a list" if self._entries else "there are no filters"
        )
        (end,) = ends(Disposition.CLOSED, Response(code=0), self._entry, f"{reason}: nothing answers")
        return tuple(in_sequence(way, end) if isinstance(way.value, HttpRequest) else way for way in ways)


def _after(way: FilterOutcome, run: Filter, context: FilterContext, resume: int) -> FilterOutcomes:
    """The continuations of `way` through the next filter; a way that has ended stays as it is."""
    if not isinstance(way.value, HttpRequest):
        return (way,)
    request = way.value
    return tuple(
        _with_resume(in_sequence(way, _with_delay_flag(outcome, request)), resume) for outcome in run(request, context)
    )


class _Entry:
    """One entry of the list, with a Filter for each combination of per-route configurations."""

    def __init__(self, extension: Extension, ecds: Mapping[str, Extension], location: Location | None) -> None:
        self._disabled = extension.disabled
        place = location and location / "typed_config"
        if extension.type_name == "" and present(extension.config_discovery) and extension.name in ecds:
            extension, place = ecds[extension.name], None
        self._name = extension.name
        key = key_of(extension.type_name, extension.name)
        self.is_router = key == ROUTER and not extension.disabled
        self._model = model_of(extension.type_name, extension.name)
        self.may_be_last = self._model.extent == UNKNOWN
        self._entry = FilterEntry(extension.name, extension.type_name, location)
        self._by_ecds = not extension.type_name and present(extension.config_discovery)
        self._own = _configuration(extension)
        self._place = place
        self._plain: Filter | None = None
        # by identity: the value keeps the objects whose identities are the key
        self._by_levels: dict[tuple[int, ...], tuple[Filter | None, tuple[dict[str, Raw], ...]]] = {}

    def filter_for(self, levels: Levels) -> Filter | None:
        """None where the filter is disabled."""
        name = self._name
        levels = tuple(level for level in levels if name in level[0])
        if not levels:
            if self._disabled:
                return None
            if self._plain is None:
                self._plain = self._make(())
            return self._plain
        key = tuple(id(configs) for configs, _ in levels)
        if key not in self._by_levels:
            per_route = tuple(
                read_per_route(configs[name], place and place / "typed_per_filter_config" / name)
                for configs, place in levels
            )
            run = None if per_route[0].disabled else self._make(per_route)
            self._by_levels[key] = (run, tuple(configs for configs, _ in levels))
        return self._by_levels[key][0]

    def _make(self, per_route: tuple[PerRoute, ...]) -> Filter:
        make = self._model.make
        entry = self._entry
        overrides = tuple(level.configuration for level in per_route if level.configuration)
        if self._by_ecds:
            because = "its configuration is delivered by ECDS and is not in this input"
            return lambda request, _: assumed_to_pass(request, entry, because)
        if make is None:
            return _without_model(self._model, entry)
        own = self._own
        if isinstance(own, Message):
            faults = [level.fault for level in per_route if level.fault]
            if not faults:
                return make(entry, Configuration(own, self._place), overrides)
            fault = faults[0]
        else:
            fault = own.why if isinstance(own, Undecodable) else "its configuration is not typed"
        return lambda request, _: assumed_to_pass(request, entry, fault)


def _configuration(extension: Extension) -> Message | Unmodelled | Undecodable:
    """The entry's configuration; that of Istio's authentication filter has no type in API v2."""
    config = extension.config
    if isinstance(config, Unmodelled) and not config.type_name and extension.name == "istio_authn":
        return decode(config.raw, IstioAuthn)
    return config


def _without_model(model: Model, entry: FilterEntry) -> Filter:
    reason = {PASSES: "never answers", PARTLY: "taken to pass"}.get(model.extent)
    if reason:
        return lambda request, context: passes(request, context, entry, f"{reason}: {model.note}")
    return lambda request, _: assumed_to_pass(request, entry, f"not modelled: {model.note}")


def _levels(scope: RouteScope) -> Levels:
    """The levels that have per-filter configurations, the most specific first."""
    return tuple(
        (level.typed_per_filter_config, location)
        for level, location in (
            (scope.weighted, scope.weighted_location),
            (scope.route, scope.route_location),
            (scope.virtual_host, scope.virtual_host_location),
            (scope.table, scope.table_location),
        )
        if level is not None and level.typed_per_filter_config
    )


def _with_delay_flag(outcome: FilterOutcome, request: HttpRequest) -> FilterOutcome:
    if not isinstance(outcome.value, End) or METADATA not in request.metadata:
        return outcome
    return replace(outcome, value=after_delay(outcome.value, request))


def _with_resume(way: FilterOutcome, resume: int) -> FilterOutcome:
    if not isinstance(way.value, Reroute):
        return way
    return Outcome(Reroute(way.value.request, resume), way.probability, way.condition, way.steps, way.assuming)
