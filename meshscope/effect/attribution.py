"""The rules that made an object of a proxy: effects, asked from the other side."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import RuleEffect
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects, kind_of
from meshscope.effect.made import is_within
from meshscope.location import Location
from meshscope.work import UNFOLLOWED, Work


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
    items = [item for item in configuration.mesh.objects if kind_of(item)]
    for number, item in enumerate(items):
        work.step(number, len(items))
        for one in effects(configuration, item, clients):
            here = tuple(each for each in one.makes if _touches(each.location, place))
            if here:
                yield replace(one, makes=here)


def _touches(made: Location, place: Location) -> bool:
    return is_within(made, place) or is_within(place, made)
