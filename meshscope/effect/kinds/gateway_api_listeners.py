"""Gateway and ListenerSet of the Gateway API: each listener against the gateways that istiod runs for it.

https://gateway-api.sigs.k8s.io/reference/spec/#gateway
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_api.classes import Role, served
from meshscope.effect.gateway_api.listeners import Attachable, set_problem
from meshscope.effect.kinds import gateway
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.gateway import Gateway
from meshscope.istio.gateway_api.listener_set import ListenerSet
from meshscope.istio.waypoint import GATEWAY_NAME
from meshscope.path import Path


def rules(value: Gateway | ListenerSet) -> Iterator[Path]:
    yield from (("spec", "listeners", index) for index in range(len(value.spec.listeners)))


def outcomes(
    configuration: Configuration, one: Written[Gateway | ListenerSet], client: Client
) -> Iterator[Outcome]:
    if whole := _of_all(configuration, one, client):
        yield from (replace(whole, path=path) for path in rules(one.value))
        return
    for listener in configuration.gateway_api.listeners:
        if listener.owner.ref == one.item.ref:
            yield from _of_listener(configuration, listener, client)


def _of_all(
    configuration: Configuration, one: Written[Gateway | ListenerSet], client: Client
) -> Outcome | None:
    """What is the same for every listener; None where they are told one by one."""
    sources = configuration.gateway_api.sources
    if isinstance(one.value, ListenerSet):
        because = set_problem(sources, Written(one.item, one.value))
        return Outcome((), State.NOT_IN_EFFECT, because, is_meant=False) if because else None
    role = served(sources, Written(one.item, one.value))
    if role.problem:
        return Outcome((), State.NOT_IN_EFFECT, role.problem, is_meant=False)
    if role.role is Role.WAYPOINT:
        is_meant = (client.labels.get(GATEWAY_NAME), client.namespace) == (one.item.name, one.namespace)
        return Outcome((), State.UNKNOWN, "the listener of a waypoint is not modelled", is_meant=is_meant)
    return None


def _of_listener(configuration: Configuration, listener: Attachable, client: Client) -> Iterator[Outcome]:
    """A listener that istiod should not have taken, and that the proxy has, is there: the input lacks what allows it."""
    path: Path = ("spec", "listeners", listener.index)
    for found in gateway.outcomes(configuration, listener.made, client):
        if listener.problem and found.state is not State.IN_EFFECT:
            yield Outcome(path, State.NOT_IN_EFFECT, listener.problem, is_meant=found.is_meant, expected=found.expected)
        else:
            yield replace(found, path=path)
