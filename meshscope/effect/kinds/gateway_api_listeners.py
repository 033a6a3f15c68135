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
from meshscope.effect.gateway_api.listeners import HBONE_PORT, Attachable, set_problem
from meshscope.effect.kinds import gateway
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.gateway import Gateway
from meshscope.istio.gateway_api.listener_set import ListenerSet
from meshscope.istio.waypoint import GATEWAY_NAME
from meshscope.path import Path


def rules(value: Gateway | ListenerSet) -> Iterator[Path]:
    yield from (("spec", "listeners", index) for index in range(len(value.spec.listeners)))


def statics(configuration: Configuration, one: Written[Gateway | ListenerSet]) -> Iterator[Outcome]:
    """What is so whatever the proxies have: istiod makes nothing of it."""
    if whole := _problem(configuration, one):
        yield from (replace(whole, path=path) for path in rules(one.value))
    if isinstance(one.value, Gateway):
        yield from _beside_listeners(one.value)
        yield from _of_waypoint(configuration, Written(one.item, one.value))
    for listener in configuration.gateway_api.listeners_of(one.item):
        if listener.problem:
            path: Path = ("spec", "listeners", listener.index)
            yield Outcome(path, State.NOT_IN_EFFECT, listener.problem, is_meant=False)


def _beside_listeners(value: Gateway) -> Iterator[Outcome]:
    """References that istiod takes to one kind alone."""
    infrastructure, tls = value.spec.infrastructure, value.spec.tls
    parameters = infrastructure.parameters_ref if infrastructure else None
    if parameters and (parameters.group, parameters.kind) != ("", "ConfigMap"):
        because = f"it is a {parameters.kind}, and istiod takes ConfigMaps alone"
        path: Path = ("spec", "infrastructure", "parametersRef")
        yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
    certificate = tls.backend.client_certificate_ref if tls and tls.backend else None
    if certificate and (certificate.group, certificate.kind) != ("", "Secret"):
        because = f"it is a {certificate.kind}, and istiod takes Secrets alone"
        path = ("spec", "tls", "backend", "clientCertificateRef")
        yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)


def _of_waypoint(configuration: Configuration, one: Written[Gateway]) -> Iterator[Outcome]:
    """https://istio.io/latest/docs/ambient/usage/waypoint/"""
    if served(configuration.gateway_api.sources, one).role is Role.WAYPOINT:
        for path, listener in zip(rules(one.value), one.value.spec.listeners, strict=True):
            if (listener.protocol, listener.port) != ("HBONE", HBONE_PORT):
                because = f"a waypoint listens on port {HBONE_PORT} with protocol HBONE alone"
                yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)


def outcomes(configuration: Configuration, one: Written[Gateway | ListenerSet], client: Client) -> Iterator[Outcome]:
    if _problem(configuration, one):
        return
    if isinstance(one.value, Gateway):
        role = served(configuration.gateway_api.sources, Written(one.item, one.value)).role
        if role is Role.WAYPOINT:
            is_its = (client.labels.get(GATEWAY_NAME), client.namespace) == (one.item.name, one.namespace)
            because = "the listener of a waypoint is not modelled"
            for path, asked in zip(rules(one.value), one.value.spec.listeners, strict=True):
                if (asked.protocol, asked.port) == ("HBONE", HBONE_PORT):
                    yield Outcome(path, State.UNKNOWN, because, is_meant=is_its)
            return
    for listener in configuration.gateway_api.listeners_of(one.item):
        yield from _of_listener(configuration, listener, client)


def _problem(configuration: Configuration, one: Written[Gateway | ListenerSet]) -> Outcome | None:
    """Of all listeners; None where they are told one by one."""
    sources = configuration.gateway_api.sources
    if isinstance(one.value, ListenerSet):
        because, state = set_problem(sources, Written(one.item, one.value)), State.NOT_IN_EFFECT
    else:
        role = served(sources, Written(one.item, one.value))
        because, state = role.problem, State.NOT_IN_EFFECT if role.role else State.UNKNOWN
    return Outcome((), state, because, is_meant=False) if because else None


def _of_listener(configuration: Configuration, listener: Attachable, client: Client) -> Iterator[Outcome]:
    """What a ReferenceGrant may allow, and the proxy has, is allowed, whether or not the input has the grant."""
    path: Path = ("spec", "listeners", listener.index)
    for found in gateway.outcomes(configuration, listener.made, client):
        if listener.problem and not (listener.refusal.is_open and found.state is State.IN_EFFECT):
            yield Outcome(path, State.NOT_IN_EFFECT, listener.problem, is_meant=found.is_meant, expected=found.expected)
        else:
            yield replace(found, path=path)
