"""Whose word counts where several Telemetry objects apply.

https://github.com/istio/istio/blob/master/pilot/pkg/model/telemetry.go (mergeLogs, mergeMetrics, Tracing)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from meshscope.effect.telemetry.layers import Entry, is_for, names
from meshscope.effect.written import Written
from meshscope.istio.objects.telemetry import AccessLogging, Metrics, Telemetry, Tracing

E = TypeVar("E", AccessLogging, Tracing, Metrics)
Layers = Iterable[Written[Telemetry]]
By = dict[str, Entry[E]]


def entries(layers: Layers, of: Callable[[Telemetry], tuple[E, ...]]) -> list[list[Entry[E]]]:
    """The members of one list of each layer."""
    found = ([Entry(one, index, value) for index, value in enumerate(of(one.value))] for one in layers)
    return [members for members in found if members]


def inherited(listed: list[list[Entry[E]]], default: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """The providers of each entry by its identity: its own, else those of the entry before it, else the mesh's."""
    found, before = {}, default
    for entry in (entry for members in listed for entry in members):
        before = names(entry.value) or before
        found[id(entry)] = before
    return found


def in_scope(listed: list[list[Entry[E]]], default: tuple[str, ...]) -> frozenset[str]:
    """The providers that count: those of the last layer that names any."""
    scope = default
    for members in listed:
        scope = tuple(name for entry in members for name in names(entry.value)) or scope
    return frozenset(scope)


def logs_by_provider(
    listed: list[list[Entry[AccessLogging]]], default: tuple[str, ...], mode: str
) -> By[AccessLogging]:
    """The last word on each provider's log for one side of the traffic."""
    providers, scope = inherited(listed, default), in_scope(listed, default)
    found: By[AccessLogging] = {}
    for entry in (entry for members in listed for entry in members if is_for(entry.value.match, mode)):
        found.update({name: entry for name in providers[id(entry)] if name in scope})
    return found


def last_to_say(
    listed: list[list[Entry[Tracing]]], mode: str, says: Callable[[Tracing], bool]
) -> Entry[Tracing] | None:
    """The last entry for one side of the traffic that sets a field."""
    every = [entry for members in listed for entry in members if is_for(entry.value.match, mode)]
    return next((entry for entry in reversed(every) if says(entry.value)), None)
