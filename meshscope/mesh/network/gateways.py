"""The Istio Gateways that open a port of a pod. Envoy's configuration does not name them: their selectors match the pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.istio.kubernetes import decode
from meshscope.istio.manifest import Object
from meshscope.istio.objects.gateway import Gateway
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.network.facts import PodFact
from meshscope.mesh.network.network import Network
from meshscope.snapshot.snapshot import Problem


def gateways_at(gateways: Iterable[Object], network: Network, pod: PodFact, port: int) -> Iterator[ObjectRef]:
    """Those of Istio's Gateways with a server on this port of the pod.

    A server's port is that of the pod's Service, or of the pod itself.
    """
    numbers = {port, *_service_ports(network, pod, port)}
    for item in gateways:
        gateway = decode(item, Gateway)
        if isinstance(gateway, Problem) or not pod.labels.match(gateway.spec.selector):
            continue
        if any(server.port.number in numbers for server in gateway.spec.servers):
            yield item.ref


def _service_ports(network: Network, pod: PodFact, port: int) -> Iterator[int]:
    named = dict(pod.named_ports)
    for service in network.services:
        if not service.selector or service.namespace != pod.namespace or not pod.labels.match(service.selector):
            continue
        for fact in service.ports:
            target = named.get(fact.target) if isinstance(fact.target, str) else fact.target or fact.number
            if target == port:
                yield fact.number
