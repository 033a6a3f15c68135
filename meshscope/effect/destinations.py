"""The cluster that a destination of a VirtualService leads to."""

from __future__ import annotations

from meshscope.effect.configuration import Configuration
from meshscope.istio.hosts import full_host
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.destination import Destination

UNKNOWN_SERVICE = "UnknownService"
"""A cluster that never exists: requests that are led there get 500."""


def cluster_of(
    configuration: Configuration, port: int, namespace: str, destination: Destination, *, takes_only: bool
) -> str:
    """The destination's port; else with `takes_only` the only one of the service; else `port`, that of the listener or server.

    HTTP routes of sidecars do not look for the only port. An alias stands for the host behind it since Istio 1.21.
    A destination without a host is one of the Gateway API that is not valid.
    """
    if not destination.host:
        return UNKNOWN_SERVICE
    host = full_host(destination.host, namespace)
    service = next(iter(configuration.services.named(host)), None)
    if service and service.alias_of and configuration.is_since(1, 21):
        host = service.alias_of
    number = destination.port.number if destination.port else 0
    if not number and takes_only and service and len(service.ports) == 1:
        number = service.ports[0].number
    return str(ClusterName("outbound", number or port, destination.subset, host))
