"""The ports that a gateway's pod opens for a port of a Gateway's server."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_selection import service_hosts, services_in_front
from meshscope.effect.written import Written
from meshscope.istio.objects.gateway import Gateway
from meshscope.mesh.network.facts import PodFact, ServiceHost


def opened_ports(
    configuration: Configuration, client: Client, gateway: Written[Gateway], number: int
) -> tuple[int, ...]:
    """The first target port of the pod's Services with that port; the port itself without one.

    A Gateway that istiod made counts the ports of its own Service alone: what that does not have is not opened.
    """
    services = tuple(services_in_front(configuration, client, gateway))
    found = tuple(dict.fromkeys(_targets(configuration, client, services, number)))
    if not found and services and service_hosts(gateway):
        return ()
    return found[:1] or (number,)


def _targets(
    configuration: Configuration, client: Client, services: tuple[ServiceHost, ...], number: int
) -> Iterator[int]:
    pod = configuration.mesh.network.pod_named(client.name)
    for service in services:
        for fact in service.ports:
            if fact.number == number and (target := _target(fact.target, pod) if fact.target else number):
                yield target


def _target(target: int | str, pod: PodFact | None) -> int:
    if isinstance(target, int) or target.isdigit():
        return int(target)
    return dict(pod.named_ports).get(target, 0) if pod else 0
