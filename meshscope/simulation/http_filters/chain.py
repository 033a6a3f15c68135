"""The HTTP filters of a connection manager, asked one after another with what the route says to each.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_filters#filter-chain-and-route-specific-configuration
A filter is told by its type; its name is the key under which a weighted entry, a route, a virtual host or a route
configuration says something else to it, the most specific first.
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
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcome,
    FilterOutcomes,
    Reroute,
    RouteScope,
    assumed,
    ended,
    joined,
    passed,
)
from meshscope.simulation.http_filters.models import PARTLY, PASSES, ROUTER, UNKNOWN, Model, key_of, model_of
from meshscope.simulation.http_filters.per_route import PerFilter, per_filter
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import Response
from meshscope.xds.extension import Extension, Unmodelled
from meshscope.xds.istio_filters import IstioAlpn, IstioAuthn
from meshscope.xds.message import Message, Undecodable, decode, present

Levels = tuple[tuple[dict[str, Raw], Location | None], ...]
"""What each level of a route says to filters by their names, and where; the most specific first."""


class HttpFilters:
    """A list of filters made ready for thousands of requests; keep one for each connection manager.

    `ecds` holds configuration that came by ECDS, by name. `location` is that of the list.
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
        """What `istio.alpn` puts in the place of the upstream's ALPN list."""
        configs = (extension.config for extension in self._extensions if not extension.disabled)
        return next((config for config in configs if isinstance(config, IstioAlpn)), None)

    def walk(self, request: HttpRequest, context: FilterContext, start: int = 0) -> FilterOutcomes:
        """Every way in which the filters from `start` up to the router can end.

        A Reroute asks for another route: choose it, then walk on from its `resume`.
        """
        ways: FilterOutcomes = (Outcome(request),)
        levels = _levels(context.route)
        for index in range(start, len(self._entries)):
            entry = self._entries[index]
            if entry.is_router:
                return ways
            run = entry.run_for(levels)
            if run is not None:
                ways = tuple(after for way in ways for after in _after(way, run, context, index + 1))
                if not any(isinstance(way.value, HttpRequest) for way in ways):
                    return ways
        if self._entries and self._entries[-1].may_be_last:
            return ways
        words = "the last filter is no router; Envoy refuses such a list" if self._entries else "there are no filters"
        (end,) = ended(Disposition.CLOSED, Response(code=0), self._entry, f"{words}: nothing answers")
        return tuple(joined(way, end) if isinstance(way.value, HttpRequest) else way for way in ways)


def _after(way: FilterOutcome, run: Filter, context: FilterContext, resume: int) -> FilterOutcomes:
    """The ways in which one way goes on at the next filter; one that has ended stays."""
    if not isinstance(way.value, HttpRequest):
        return (way,)
    request = way.value
    return tuple(_resumed(joined(way, _flagged(result, request)), resume) for result in run(request, context))


class _Entry:
    """One filter, with a Filter for each combination of what routes say to it."""

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
        self._routed: dict[tuple[int, ...], tuple[Filter | None, tuple[dict[str, Raw], ...]]] = {}

    def run_for(self, levels: Levels) -> Filter | None:
        """None where the filter is disabled."""
        name = self._name
        levels = tuple(level for level in levels if name in level[0])
        if not levels:
            if self._disabled:
                return None
            if self._plain is None:
                self._plain = self._made(())
            return self._plain
        key = tuple(id(configs) for configs, _ in levels)
        if key not in self._routed:
            said = tuple(
                per_filter(configs[name], place and place / "typed_per_filter_config" / name)
                for configs, place in levels
            )
            run = None if said[0].disabled else self._made(said)
            self._routed[key] = (run, tuple(configs for configs, _ in levels))  # kept alive: their ids are the key
        return self._routed[key][0]

    def _made(self, said: tuple[PerFilter, ...]) -> Filter:
        make = self._model.make
        entry = self._entry
        overrides = tuple(level.configured for level in said if level.configured)
        broken = [level.why for level in said if level.why]
        if self._by_ecds:
            why = "its configuration comes by ECDS and is not in this input"
            return lambda request, _: assumed(request, entry, why)
        if make is None:
            return _without_model(self._model, entry)
        own = self._own
        if not isinstance(own, Message):
            broken.insert(0, own.why if isinstance(own, Undecodable) else "its configuration is not typed")
        if broken:
            return lambda request, _: assumed(request, entry, broken[0])
        assert isinstance(own, Message)  # noqa: S101  # what is not is broken
        return make(entry, Configured(own, self._place), overrides)


def _configuration(extension: Extension) -> Message | Unmodelled | Undecodable:
    """The configuration; Istio's authentication filter has no type in API v2."""
    config = extension.config
    if isinstance(config, Unmodelled) and not config.type_name and extension.name == "istio_authn":
        return decode(config.raw, IstioAuthn)
    return config


def _without_model(model: Model, entry: FilterEntry) -> Filter:
    words = {PASSES: "never answers", PARTLY: "taken to pass"}.get(model.extent)
    if words:
        return lambda request, context: passed(request, context, entry, f"{words}: {model.note}")
    return lambda request, _: assumed(request, entry, f"not modelled: {model.note}")


def _levels(scope: RouteScope) -> Levels:
    """What each level says to filters, the most specific first."""
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


def _flagged(result: FilterOutcome, request: HttpRequest) -> FilterOutcome:
    if not isinstance(result.value, End) or METADATA not in request.metadata:
        return result
    return replace(result, value=after_delay(result.value, request))


def _resumed(way: FilterOutcome, resume: int) -> FilterOutcome:
    if not isinstance(way.value, Reroute):
        return way
    return Outcome(Reroute(way.value.request, resume), way.probability, way.condition, way.steps, way.assuming)
