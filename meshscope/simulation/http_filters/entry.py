"""One entry of a list of HTTP filters, with a Filter for each combination of what routes say of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Raw, Struct

from meshscope.location import Location
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterEntry,
    MakeFilter,
    RouteScope,
    assumed_to_pass,
    passes,
)
from meshscope.simulation.http_filters.models import PARTLY, PASSES, TERMINAL, UNKNOWN, Model, key_of, model_of
from meshscope.xds.extension import Extension, Unmodelled
from meshscope.xds.istio_filters import IstioAuthn
from meshscope.xds.message import Message, Undecodable, decode, present

if TYPE_CHECKING:
    from meshscope.simulation.http_filters.per_route import PerRoute

Levels = tuple[tuple[dict[str, Raw], Location | None], ...]
"""The per-filter configurations of each level of a route, and the level's location; the most specific first."""


def levels_of(scope: RouteScope) -> Levels:
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


def entries_of(
    extension: Extension, ecds: Mapping[str, Extension], location: Location | None
) -> tuple[ListedFilter, ...]:
    """The entry; in two parts where the filter does one before it asks for the route, and the other afterwards."""
    place = location and location / "typed_config"
    disabled = extension.disabled
    if not extension.type_name and present(extension.config_discovery) and extension.name in ecds:
        extension, place = ecds[extension.name], None
    entry = FilterEntry(extension.name, extension.type_name, location)
    by_ecds = not extension.type_name and present(extension.config_discovery)
    model = model_of(extension.type_name, extension.name)

    def part(make: MakeFilter | None, *, asks_for_route: bool) -> ListedFilter:
        how = _Part(make, asks_for_route=asks_for_route, disabled=disabled, by_ecds=by_ecds)
        return ListedFilter(extension, entry, model, how, place)

    last = part(model.make, asks_for_route=model.asks_for_route)
    return (part(model.make_early, asks_for_route=False), last) if model.in_two_parts else (last,)


class _Part(Struct, frozen=True):
    """How (this part of) a filter is made, whether it asks for the route, and whether the list itself disables it."""

    make: MakeFilter | None
    asks_for_route: bool
    disabled: bool
    by_ecds: bool


class ListedFilter:
    """`asks_for_route`: a route that was cleared is chosen again before it runs; `asks_with_body`: only where the request has
    a body. `answers`: it sees what others answer.
    """

    def __init__(
        self, extension: Extension, entry: FilterEntry, model: Model, part: _Part, place: Location | None
    ) -> None:
        self.asks_for_route, self.answers = part.asks_for_route, model.answers
        self.asks_with_body = model.asks_with_body
        self.is_terminal = key_of(extension.type_name, extension.name) in TERMINAL and not part.disabled
        self.may_be_last = model.extent == UNKNOWN
        self._name, self._entry, self._model, self._part, self._place = extension.name, entry, model, part, place
        self._own = _configuration(extension)
        # by identity: the value keeps the objects whose identities are the key
        self._by_levels: dict[tuple[int, ...], tuple[_ByRoute, tuple[dict[str, Raw], ...]]] = {}

    def filter_for(self, levels: Levels, first: Levels) -> Filter | None:
        """None where the filter is disabled, which the request's `first` route decides for good."""
        found = self._by_route(levels)
        decides = found if first is levels else self._by_route(first)
        if decides.disabled:
            return None
        if found.run is None:
            found.run = self._make(found.per_route)
        return found.run

    def _by_route(self, levels: Levels) -> _ByRoute:
        name = self._name
        own = tuple(level for level in levels if name in level[0])
        key = tuple(id(configs) for configs, _ in own)
        if key not in self._by_levels:
            per_route = tuple(
                _read(configs[name], place and place / "typed_per_filter_config" / name) for configs, place in own
            )
            disabled = per_route[0].disabled if per_route else self._part.disabled
            self._by_levels[key] = (_ByRoute(per_route, disabled=disabled), tuple(configs for configs, _ in own))
        return self._by_levels[key][0]

    def _make(self, per_route: tuple[PerRoute, ...]) -> Filter:
        make = self._part.make
        entry = self._entry
        overrides = tuple(level.configuration for level in per_route if level.configuration)
        if self._part.by_ecds:
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


class _ByRoute:
    def __init__(self, per_route: tuple[PerRoute, ...], *, disabled: bool) -> None:
        self.per_route, self.disabled = per_route, disabled
        self.run: Filter | None = None


def _read(raw: Raw, place: Location | None) -> PerRoute:
    from meshscope.simulation.http_filters.per_route import read_per_route  # few routes say anything of a filter

    return read_per_route(raw, place)


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
