"""Rules of the Gateway API and of Ingresses that would do nothing on any proxy, or of which that is not known, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import kind_of
from meshscope.effect.gateway_api.parents import Refused, parents
from meshscope.effect.gateway_api.sources import Route
from meshscope.effect.gateway_selection import service_hosts, why_not_selected
from meshscope.effect.generated import Generated
from meshscope.effect.written import Written
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.ingress import Ingress
from meshscope.istio.manifest import Object
from meshscope.istio.objects.gateway import Gateway
from meshscope.istio.provenance import ObjectRef
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.gateways.translated import TRANSLATED_KINDS
from meshscope.path import Path, path_text
from meshscope.snapshot.snapshot import Problem


def unserved(after: Configuration, one: Applied) -> Iterator[NotRebuilt]:
    """A Gateway, of Istio or of the Gateway API, whose pods are not in this input."""
    item = one.after
    made = [each for each in after.gateways if item and item.ref in _sources(each)]
    gateways = [client for client in after.clients if client.kind == "gateway"]
    if not item or not made or any(not why_not_selected(after, each, some) for each in gateways for some in made):
        return
    runs = "istiod runs pods for it, and none of them is" if service_hosts(made[0]) else "none of its gateways is"
    yield NotRebuilt(
        object=str(named(item)),
        because=f"{runs} in this input",
        decides=Reach.NOTHING,
        location=item.location,
    )


def _sources(gateway: Written[Gateway]) -> set[ObjectRef]:
    origins = gateway.origins.values() if isinstance(gateway, Generated) else ()
    return {gateway.item.ref, *(origin.item.ref for origin in origins)}


def without_effect(after: Configuration, one: Applied) -> Iterator[NotRebuilt]:
    """What leads to no listener, which classes are another controller's: what the object says alone, whatever a proxy has."""
    item = one.after
    kind = kind_of(item) if item else None
    if item is None or kind is None:
        return
    value = decode(item, getattr(import_module(kind.type_module), item.kind))
    if isinstance(value, Problem):
        because = f"it does not read: {value.message}"
        yield NotRebuilt(object=str(named(item)), because=because, location=item.location)
        return
    module = import_module(f"meshscope.effect.kinds.{kind.module}")
    found: dict[tuple[str, State], list[str]] = {}
    granted = _open_rules(after, Written(item, value))
    for outcome in module.statics(after, Written(item, value)) if hasattr(module, "statics") else ():
        if outcome.path not in granted:
            found.setdefault((outcome.because, outcome.state), []).append(path_text(outcome.path[1:]))
    if isinstance(value, Ingress) and not (refusal := after.ingress.refusal(Written(item, value))).is_known:
        found[refusal.because, State.UNKNOWN] = []
    for (because, state), paths in found.items():
        if any(because in other and because != other for other, _ in found):
            continue  # a reference, of which the whole object's reason speaks too
        note = NotRebuilt(
            object=str(named(item)),
            because=f"{paths[0]}: {because}" if len(paths) == 1 else because,
            decides=Reach.NOWHERE,
            location=item.location,
        )
        if state is State.UNKNOWN:
            gateways = (client.name for client in after.clients if client.kind == "gateway")
            yield from (replace(note, decides=Reach.REQUESTS, proxy=proxy) for proxy in gateways)
        else:
            yield note


def _open_rules(after: Configuration, one: Written[Any]) -> frozenset[Path]:
    """Those that a ReferenceGrant would allow, which this input may lack: what they make there says so."""
    if not isinstance(one.value, Route):
        listeners = after.gateway_api.listeners_of(one.item)
        return frozenset(("spec", "listeners", each.index) for each in listeners if each.refusal.is_open)
    made = after.gateway_api.of_route(Written(one.item, one.value))
    return frozenset(origin.path for each in made for origin in each.origins.values() if origin.is_open)


def unsettled(before: Configuration, after: Configuration, some: Iterable[Applied]) -> Iterator[NotRebuilt]:
    """Routes of which is not known any more whether a listener takes them; of applied ones their own note tells it."""
    if not any(one.kind in TRANSLATED_KINDS for one in some):
        return
    known = {named(one.item) for one in some}
    was = {(named(item), because) for item, because in _open_parents(before)}
    for item, because in _open_parents(after):
        if named(item) not in known and (named(item), because) not in was:
            note = NotRebuilt(object=str(named(item)), because=because, location=item.location)
            gateways = (client.name for client in after.clients if client.kind == "gateway")
            yield from (replace(note, proxy=proxy) for proxy in gateways)


def _open_parents(configuration: Configuration) -> Iterator[tuple[Object, str]]:
    api = configuration.gateway_api
    routes: tuple[Written[Any], ...] = (*api.sources.http_routes, *api.sources.tls_routes, *api.sources.tcp_routes)
    for route in routes:
        for one in parents(api.sources, api.by_owner, route):
            if isinstance(one, Refused) and not one.is_known:
                yield route.item, f"parentRefs[{one.index}]: {one.because}"
