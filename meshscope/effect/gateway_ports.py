"""The ports that a gateway's pod opens for a port of a Gateway's server.

https://github.com/istio/istio/blob/master/pilot/pkg/model/gateway.go (resolvePorts)
"""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_selection import service_hosts, services_in_front
from meshscope.effect.workload_ports import workload_port
from meshscope.effect.written import Written
from meshscope.istio.objects.gateway import Gateway

_NOT_TRANSLATED = "experimental.istio.io/disable-gateway-port-translation"
"""A label of a Service."""


def opened_ports(
    configuration: Configuration, client: Client, gateway: Written[Gateway], number: int
) -> tuple[int, ...]:
    """Each target port of the pod's Services with that port; the port itself without one, or with ones that forbid it.

    A Gateway that istiod made counts the ports of its own Service alone: what that does not have is not opened.
    """
    services = tuple(services_in_front(configuration, client, gateway))
    if not service_hosts(gateway):
        services = tuple(one for one in services if not one.labels.has(_NOT_TRANSLATED))
    ports = ((service, port) for service in services for port in service.ports if port.number == number)
    found = tuple(filter(None, (workload_port(configuration, client, *one) for one in ports)))
    if not found and services and service_hosts(gateway):
        return ()
    return tuple(dict.fromkeys(found)) or (number,)
