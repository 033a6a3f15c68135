"""Which Telemetry objects apply to a proxy, from the mesh's to its own: a later one overrides or extends an earlier one.

https://istio.io/latest/docs/reference/config/telemetry/ and
https://github.com/istio/istio/blob/master/pilot/pkg/model/telemetry.go (applicableTelemetries)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.policies.selection import Selection, selection
from meshscope.effect.written import Written
from meshscope.istio.mesh_config import ExtensionProvider
from meshscope.istio.objects.telemetry import AccessLogging, Metrics, ModeMatch, ProviderRef, Telemetry, Tracing

GROUP = "telemetry.istio.io"
E = TypeVar("E", AccessLogging, Tracing, Metrics)


class Entry(Struct, Generic[E], frozen=True, eq=False):
    """One member of a list of an object that applies."""

    one: Written[Telemetry]
    index: int
    value: E


def layers(configuration: Configuration, client: Client) -> tuple[Written[Telemetry], ...]:
    """The objects that apply, the mesh's first."""
    return configuration.mesh.derived(
        ("telemetry", client.name), lambda: (*_wide(configuration, client), *_narrow(configuration, client))
    )


def why_not(configuration: Configuration, one: Written[Telemetry], client: Client) -> Selection:
    """Whether it is among the layers, and why it is not."""
    if any(other.item.ref == one.item.ref for other in layers(configuration, client)):
        return Selection()
    if one.namespace not in (client.namespace, configuration.settings.root_namespace):
        return Selection(is_selected=False, because=f"it is for workloads of namespace {one.namespace}")
    if _is_wide(one):
        first = next(other for other in _of(configuration, one.namespace) if _is_wide(other))
        because = f"{first} is older: of those of a namespace without a selector the oldest counts"
        return Selection(is_selected=False, because=because)
    if one.namespace != client.namespace:
        return Selection(is_selected=False, because="an object with a selector is for its own namespace alone")
    found = selection(configuration, one.namespace, one.value.spec, client)
    if found.is_selected:
        first = next(_selecting(configuration, client))
        because = f"{first} is older: before Istio 1.20 the oldest that selects a workload counts"
        return Selection(is_selected=False, because=because)
    return found


def provider(configuration: Configuration, name: str) -> ExtensionProvider | None:
    """One of the mesh's, whose names are compared without their case."""
    listed = configuration.settings.providers
    return next((one for one in listed if one.name.lower() == name.lower()), None)


def names(value: AccessLogging | Tracing | Metrics) -> tuple[str, ...]:
    refs: tuple[ProviderRef, ...] = value.providers
    return tuple(ref.name for ref in refs)


def is_for(match: ModeMatch | None, mode: str) -> bool:
    return match is None or match.mode in ("CLIENT_AND_SERVER", mode)


def _of(configuration: Configuration, namespace: str) -> list[Written[Telemetry]]:
    """Oldest first."""
    every = configuration.mesh.derived(
        "telemetry by age", lambda: tuple(configuration.typed("Telemetry", Telemetry, GROUP))
    )
    return [one for one in every if one.namespace == namespace]


def _is_wide(one: Written[Telemetry]) -> bool:
    spec = one.value.spec
    selects = spec.selector is not None and bool(spec.selector.match_labels)
    return not (selects or spec.target_ref or spec.target_refs)


def _wide(configuration: Configuration, client: Client) -> Iterator[Written[Telemetry]]:
    for namespace in dict.fromkeys((configuration.settings.root_namespace, client.namespace)):
        yield from [one for one in _of(configuration, namespace) if _is_wide(one)][:1]


def _narrow(configuration: Configuration, client: Client) -> Iterator[Written[Telemetry]]:
    found = list(_selecting(configuration, client))
    yield from found if configuration.is_since(1, 20) else found[:1]


def _selecting(configuration: Configuration, client: Client) -> Iterator[Written[Telemetry]]:
    for one in _of(configuration, client.namespace):
        if not _is_wide(one) and selection(configuration, one.namespace, one.value.spec, client).is_selected:
            yield one
