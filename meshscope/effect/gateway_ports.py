"""The ports that a gateway's pod opens for a port of a Gateway's server."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.mesh.network.facts import PodFact


def opened_ports(configuration: Configuration, client: Client, number: int) -> tuple[int, ...]:
    """The first target port of the pod's Services with that port; the port itself without one."""
    found = tuple(dict.fromkeys(_targets(configuration, client, number)))
    return found[:1] or (number,)


def _targets(configuration: Configuration, client: Client, number: int) -> Iterator[int]:
    network = configuration.mesh.network
    pod = network.pod_named(client.name)
    for service in network.services:
        if service.selector and service.namespace == client.namespace and client.labels.match(service.selector):
            for fact in service.ports:
                if fact.number == number and (target := _target(fact.target, pod) if fact.target else number):
                    yield target


def _target(target: int | str, pod: PodFact | None) -> int:
    if isinstance(target, int) or target.isdigit():
        return int(target)
    return dict(pod.named_ports).get(target, 0) if pod else 0
