"""The ports of a workload behind the ports of its services.

https://github.com/istio/istio/blob/master/pilot/pkg/model/context.go (ServiceTargets)
"""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.mesh.network.facts import PortFact, ServiceHost
from meshscope.mesh.network.network import target_port


def workload_ports(configuration: Configuration, client: Client) -> dict[int, tuple[int, ...]]:
    """Ports of the proxy's workload by the port of a service that has it; without those whose number is not known."""
    found: dict[int, tuple[int, ...]] = {}
    for service in configuration.services_in_front(client):
        for port in service.ports:
            if target := workload_port(configuration, client, service, port):
                found[port.number] = (*found.get(port.number, ()), target)
    return found


def workload_port(configuration: Configuration, client: Client, service: ServiceHost, port: PortFact) -> int:
    """0 where a name leads nowhere, or to a pod that is not in the input."""
    own = next((one for one in service.fixed or () if one.address in client.addresses), None)
    if own is not None:
        return own.port(port)
    pod = configuration.mesh.network.pod_named(client.name)
    if pod is not None:
        return target_port(port, pod)
    target = port.target or port.number
    return int(target) if isinstance(target, int) or target.isdigit() else 0
