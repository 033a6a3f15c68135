"""The rules that made an object of a proxy: effects, asked from the other side."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import RuleEffect
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects, kind_of
from meshscope.effect.made import is_within, resource_around
from meshscope.envoy.resource import CLUSTER, ROUTES
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef, parse_config_path
from meshscope.location import Location
from meshscope.mesh.objects import full_ref
from meshscope.work import UNFOLLOWED, Work

_CONFIG_PATH = re.compile(rb"/apis/[^/\"]+/[^/\"]+/namespaces/[^/\"]+/[^/\"]+/[^/\"]+")
_NOTED = ("VirtualService", "DestinationRule")
"""Kinds that istiod notes in what it makes of them; what another one changes bears no note."""


def made_by(
    configuration: Configuration, proxy: str, place: Location, work: Work = UNFOLLOWED
) -> tuple[RuleEffect, ...]:
    """The effects of rules that made something in this place of a proxy, or the whole that it is a part of.

    In the order of the objects. Raises CancelledError; `work` counts objects.
    """
    clients = tuple(client for client in configuration.clients if client.name == proxy)
    return tuple(_made_by(configuration, clients, place, work)) if clients else ()


def _made_by(
    configuration: Configuration, clients: tuple[Client, ...], place: Location, work: Work
) -> Iterator[RuleEffect]:
    noted = _noted(clients, place)
    items = [item for item in configuration.mesh.objects if kind_of(item) and _may_make(item, noted)]
    for number, item in enumerate(items):
        work.step(number, len(items))
        for one in effects(configuration, item, clients):
            here = tuple(each for each in one.makes if _touches(each.location, place))
            if here:
                yield replace(one, makes=here)


def _noted(clients: tuple[Client, ...], place: Location) -> frozenset[ObjectRef] | None:
    """The objects that the control plane notes in the resource around a place; None for a kind in which it notes none."""
    resource = next((found for client in clients if (found := resource_around(client, place))), None)
    if resource is None or resource.kind not in (CLUSTER, ROUTES):
        return None
    paths = (found[0].decode("utf-8", "replace") for found in _CONFIG_PATH.finditer(memoryview(resource.raw)))
    return frozenset(ref for path in dict.fromkeys(paths) if (ref := parse_config_path(path)))


def _may_make(item: Object, noted: frozenset[ObjectRef] | None) -> bool:
    """Whether an object may have made something of a resource. A delegate is not noted: its root is."""
    if noted is None or item.kind not in _NOTED:
        return True
    is_delegate = item.kind == "VirtualService" and b'"hosts"' not in bytes(memoryview(item.body))
    return full_ref(item.ref) in noted or is_delegate


def _touches(made: Location, place: Location) -> bool:
    return is_within(made, place) or is_within(place, made)
