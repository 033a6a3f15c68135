"""Ingress: each path and certificate against the gateways of the mesh.

https://kubernetes.io/docs/concepts/services-networking/ingress/ ; a path is compared as the VirtualService that istiod makes
of its host.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.kinds import gateway, virtual_service
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.kubernetes.ingress import Ingress
from meshscope.path import Path


def rules(value: Ingress) -> Iterator[Path]:
    for index, rule in enumerate(value.spec.rules):
        for number in range(len(rule.http.paths) if rule.http else 0):
            yield ("spec", "rules", index, "http", "paths", number)
    yield from (("spec", "tls", index) for index in range(len(value.spec.tls)))


def statics(configuration: Configuration, one: Written[Ingress]) -> Iterator[Outcome]:
    """What is so whatever the proxies have."""
    refusal = configuration.ingress.refusal(one)
    if refusal.because and refusal.is_known:
        for path in rules(one.value):
            yield Outcome(path, State.NOT_IN_EFFECT, refusal.because, is_meant=False)
    for found in configuration.ingress.rules(one):
        if isinstance(found, tuple):
            path, because = found
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False)
    for index, tls in enumerate(one.value.spec.tls):
        if not tls.secret_name:
            because = "it has no secretName, so that istiod opens no port for it"
            yield Outcome(("spec", "tls", index), State.NOT_IN_EFFECT, because, is_meant=False)
    if one.value.spec.default_backend:
        yield Outcome(("spec", "defaultBackend"), State.NOT_IN_EFFECT, "istiod does not read it", is_meant=False)


def outcomes(configuration: Configuration, one: Written[Ingress], client: Client) -> Iterator[Outcome]:
    refusal = configuration.ingress.refusal(one)
    if refusal.because and refusal.is_known:
        return
    for found in _of_generated(configuration, one, client):
        is_open = refusal.because and found.state is State.NOT_IN_EFFECT
        yield replace(found, state=State.UNKNOWN, because=refusal.because) if is_open else found


def _of_generated(configuration: Configuration, one: Written[Ingress], client: Client) -> Iterator[Outcome]:
    """What istiod has in one object of several Ingresses is told of this one alone."""
    for virtual in configuration.ingress.virtual_services_of(one.item):
        for found in virtual_service.outcomes(configuration, virtual, client):
            origin = virtual.origins.get(found.path[:3])
            if origin and origin.item.ref == one.item.ref:
                yield replace(found, path=origin.path)
    made = configuration.ingress.gateway_of(one.item)
    for found in gateway.outcomes(configuration, made, client) if made and made.origins else ():
        if made and (origin := made.origins.get(found.path)):
            yield replace(found, path=origin.path)
