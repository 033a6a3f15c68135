"""All objects that have an effect, each with its worst answer."""

from __future__ import annotations

from meshscope.effect.answer import WORST_FIRST, ObjectEffect, together
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects, kind_of
from meshscope.work import UNFOLLOWED, Work


def worst_first(
    configuration: Configuration, clients: tuple[Client, ...], namespace: str = "", work: Work = UNFOLLOWED
) -> tuple[ObjectEffect, ...]:
    """Of a namespace, "" for all. Objects in the same state stay in the order of their documents. Raises CancelledError."""
    items = [
        item for item in configuration.mesh.objects if kind_of(item) and namespace in ("", item.namespace or "default")
    ]
    found = []
    for number, item in enumerate(items):
        work.step(number, len(items))
        found.append(together(effects(configuration, item, clients)))
    return tuple(sorted(found, key=lambda one: WORST_FIRST.index(one.state)))
