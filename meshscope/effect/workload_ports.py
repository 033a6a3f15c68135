"""The ports of a workload behind the ports of its Services."""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.mesh.network.facts import PodFact, PortFact


def workload_ports(configuration: Configuration, client: Client) -> dict[int, tuple[int, ...]]:
    """Ports of the proxy's pod by the port of a Service that selects it; without those whose number is not known."""
    network = configuration.mesh.network
    pod = network.pod_named(client.name)
    found: dict[int, tuple[int, ...]] = {}
    for service in network.services:
        if service.selector and service.namespace == client.namespace and client.labels.match(service.selector):
            for port in service.ports:
                if target := _target(port, pod):
                    found[port.number] = (*found.get(port.number, ()), target)
    return found


def _target(port: PortFact, pod: PodFact | None) -> int:
    """0 where a name leads nowhere."""
    target = port.target or port.number
    if isinstance(target, int) or target.isdigit():
        return int(target)
    return dict(pod.named_ports).get(target, 0) if pod else 0
