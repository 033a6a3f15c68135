"""XBackend: the cluster of its host, and its TLS there.

https://gateway-api.sigs.k8s.io/geps/gep-4488/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.clusters.at_cluster import at_cluster
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_api import external_backends
from meshscope.effect.gateway_api.credentials import credential, ends_as
from meshscope.effect.gateway_api.sources import BACKENDS
from meshscope.effect.gateway_api_flags import why_unread
from meshscope.effect.kinds import destination_rule
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.x_backend import EXTERNAL_HOSTNAME, XBackend
from meshscope.istio.names import ClusterName
from meshscope.path import Path

HOST: Path = ("spec", "externalHostname")
TLS = external_backends.TLS
Backend = Written[XBackend]


def rules(value: XBackend) -> Iterator[Path]:
    yield HOST
    if value.spec.tls is not None:
        yield TLS


def statics(configuration: Configuration, one: Backend) -> Iterator[Outcome]:
    """What is so whatever the proxies have."""
    if because := _unread(configuration, one):
        yield from (Outcome(path, State.NOT_IN_EFFECT, because, is_meant=False) for path in rules(one.value))
    elif one.value.spec.type != EXTERNAL_HOSTNAME:
        because = f"XBackends of type {one.value.spec.type or '(none)'} are not modelled"
        yield from (Outcome(path, State.UNKNOWN, because, is_meant=False) for path in rules(one.value))
    elif because := external_backends.host_problem(one.value):
        yield from (Outcome(path, State.UNKNOWN, because, is_meant=False) for path in rules(one.value))
    elif because := external_backends.tls_problem(one.value):
        yield Outcome(TLS, State.UNKNOWN, because, is_meant=False)


def outcomes(configuration: Configuration, one: Backend, client: Client) -> Iterator[Outcome]:
    is_other = one.value.spec.type != EXTERNAL_HOSTNAME or bool(external_backends.host_problem(one.value))
    if _unread(configuration, one) or is_other:
        return
    if client.kind not in ("sidecar", "gateway"):
        because = f"XBackends at a {client.kind} are not modelled"
        yield from (Outcome(path, State.UNKNOWN, because, is_meant=False) for path in rules(one.value))
        return
    host, port = external_backends.hostname(one.value), one.value.spec.port.port
    service = configuration.scope(client).service(host, port)
    if service is None:
        because = f"the proxy is not told of {host}, by exportTo or a Sidecar"
        yield Outcome(HOST, State.NOT_IN_EFFECT, because, is_meant=False)
    else:
        yield at_cluster(configuration, client, service, ClusterName("outbound", port, "", host), HOST, None)
    if one.value.spec.tls is not None:
        yield from _tls(configuration, one, client)


def _tls(configuration: Configuration, one: Backend, client: Client) -> Iterator[Outcome]:
    validation = one.value.spec.tls.validation if one.value.spec.tls else None
    invalid = credential(configuration.gateway_api.sources, validation, one.namespace)[1] if validation else ""
    for made in configuration.gateway_api.of_backends:
        if not any(origin.item is one.item for origin in made.origins.values()):
            continue
        for found in destination_rule.outcomes(configuration, made, client):
            is_lost = invalid and found.is_meant
            told = ends_as(invalid, client.kind, is_closed=True)
            state, because = (State.NOT_IN_EFFECT, told) if is_lost else (found.state, found.because)
            yield replace(found, path=TLS, state=state, because=because)


def _unread(configuration: Configuration, one: Backend) -> str:
    if not configuration.is_since(*BACKENDS):
        return "istiod knows no XBackend before its version 1.32"
    return why_unread(configuration, one.item.kind)
