"""Sidecar: whether it is the one that applies to a proxy, and whether the proxy's clusters are those that it imports.

https://istio.io/latest/docs/reference/config/networking/sidecar/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.scope import egress_of
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.sidecar import Sidecar
from meshscope.istio.protocol import Family
from meshscope.path import Path

WHOLE: Path = ("spec",)


def rules(value: Sidecar) -> Iterator[Path]:
    yield from (("spec", "egress", index) for index in range(len(value.spec.egress)))
    yield from (("spec", "ingress", index) for index in range(len(value.spec.ingress)))
    if not value.spec.egress and not value.spec.ingress:
        yield WHOLE


def outcomes(configuration: Configuration, one: Written[Sidecar], client: Client) -> Iterator[Outcome]:
    because = _not_applied(configuration, one, client)
    if because:
        is_meant = client.kind == "sidecar" and _is_for(configuration, one, client)
        for path in rules(one.value):
            yield Outcome(path, State.NOT_IN_EFFECT, because, is_meant=is_meant)
        return
    for path in rules(one.value):
        if path == WHOLE:
            yield Outcome(path, State.IN_EFFECT, "it applies to the proxy")
        elif path[1] == "ingress":
            yield _ingress(one, client, path, one.value.spec.ingress[int(path[2])].port.number)
        else:
            yield _egress(configuration, one, client, path, int(path[2]))


def _is_for(configuration: Configuration, one: Written[Sidecar], client: Client) -> bool:
    selector = one.value.spec.workload_selector
    labels = selector.labels if selector else Labels()
    if one.namespace == client.namespace:
        return client.labels.match(labels)
    return one.namespace == configuration.settings.root_namespace and not labels


def _not_applied(configuration: Configuration, one: Written[Sidecar], client: Client) -> str:
    if client.kind != "sidecar":
        return "a Sidecar is for sidecars alone"
    if not _is_for(configuration, one, client):
        return "it is for proxies of its namespace that its workloadSelector selects"
    winner = configuration.scope(client).sidecar
    if winner is not None and winner.item is not one.item:
        closer = (
            "selects the workload" if winner.value.spec.workload_selector else "is of the proxy's namespace, or older"
        )
        return f"{winner} applies: it {closer}"
    return ""


def _ingress(one: Written[Sidecar], client: Client, path: Path, port: int) -> Outcome:
    del one
    name = str(ClusterName("inbound", port, "", ""))
    resource = client.proxy.resource(CLUSTER, name)
    if resource is not None:
        return Outcome(path, State.IN_EFFECT, f"cluster {name}", expected=f"cluster {name}", made=resource.location)
    known = client.proxy.account.knows_all(CLUSTER)
    because = f"the proxy has no cluster {name}" if known else "not all clusters of the proxy were captured"
    state = State.NOT_IN_EFFECT if known else State.UNKNOWN
    return Outcome(path, state, because, expected=f"cluster {name}", kind=CLUSTER, name=name)


def _egress(configuration: Configuration, one: Written[Sidecar], client: Client, path: Path, index: int) -> Outcome:
    """Each service that the listener imports has its clusters."""
    scope = configuration.scope(client)
    listener = egress_of(one, client.namespace)[index]
    missing = []
    count = 0
    for service in configuration.services.all:
        if not listener.has_service(service) or service.alias_of:
            continue
        for port in service.ports:
            is_asked = port.protocol.family is not Family.UDP and listener.port in (0, port.number)
            if is_asked and scope.service(service.host, port.number) == service:
                count += 1
                name = str(ClusterName("outbound", port.number, "", service.host))
                if client.proxy.resource(CLUSTER, name) is None:
                    missing.append(name)
    words = f"clusters of {count} ports of services"
    if missing and not client.proxy.account.knows_all(CLUSTER):
        return Outcome(path, State.UNKNOWN, "not all clusters of the proxy were captured", expected=words)
    if missing:
        because = f"the proxy has no cluster {missing[0]}" + (
            f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        )
        return Outcome(path, State.PARTLY, because, expected=words, kind=CLUSTER, name=missing[0])
    return Outcome(path, State.IN_EFFECT, words, expected=words)
