"""Rules of the Gateway API and of Ingresses that would do nothing on any proxy, or of which that is not known, and why."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import kind_of
from meshscope.effect.gateway_api.sources import Route
from meshscope.effect.written import Written
from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.ingress import Ingress
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.path import Path, path_text
from meshscope.snapshot.snapshot import Problem


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
        yield NotRebuilt(
            object=str(named(item)),
            because=f"{paths[0]}: {because}" if len(paths) == 1 else because,
            decides=Reach.REQUESTS if state is State.UNKNOWN else Reach.NOWHERE,
            location=item.location,
        )


def _open_rules(after: Configuration, one: Written[Any]) -> frozenset[Path]:
    """Those that a ReferenceGrant would allow, which this input may lack: where they have a route, that says so."""
    if not isinstance(one.value, Route):
        return frozenset()
    made = after.gateway_api.of_route(Written(one.item, one.value))
    return frozenset(origin.path for each in made for origin in each.origins.values() if origin.is_open)
