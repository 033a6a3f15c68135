"""The network below the proxies, as kube-proxy and DNS see it: pods, services, and the endpoints behind them.

Built from manifests; where they are missing, from istiod's registry and endpoint shards, and from ztunnels. None is unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from meshscope.istio.kubernetes import decode
from meshscope.istio.kubernetes.pod import Pod
from meshscope.istio.kubernetes.service import Service
from meshscope.location import Location
from meshscope.mesh.control_plane import registered
from meshscope.mesh.evidence import Evidence
from meshscope.mesh.network.facts import (
    Backend,
    PodFact,
    PortFact,
    ServiceHost,
    entry_host,
    pod_fact,
    service_host,
)
from meshscope.once import once
from meshscope.snapshot.snapshot import Problem

if TYPE_CHECKING:
    from meshscope.istio.debug.shards import RegisteredEndpoint
    from meshscope.mesh.network.ztunnels import Ztunnels


NETWORK_KINDS = frozenset({
    "Pod", "Service", "Node", "ServiceEntry", "EndpointSlice", "Endpoints", "debug/registryz", "debug/endpointShardz",
    "ztunnel",
})  # fmt: skip
"""Kinds of objects and answers that a network is made of."""


class Network:
    """`evidence` is the network's own: its record shows that a network is made of NETWORK_KINDS and no other.

    `pod_at` gives the pod, as `name.namespace`, that owns an address.
    """

    def __init__(self, evidence: Evidence, pod_at: Callable[[str], str | None]) -> None:
        self._evidence = evidence
        self._pod_name_at = pod_at

    # --- pods ------------------------------------------------------------------------------------------------------

    @once
    def pods(self) -> tuple[PodFact, ...]:
        found = []
        for item in self._evidence.objects_of("Pod", ""):
            pod = decode(item, Pod)
            if not isinstance(pod, Problem):
                found.append(pod_fact(item, pod))
        if self.ztunnels:
            known = {pod.full_name for pod in found}
            found += [pod for pod in self.ztunnels.pods() if pod.full_name not in known]
        return tuple(found)

    @once
    def ztunnels(self) -> Ztunnels | None:
        """What ztunnels know, all together; None where none was captured."""
        answers = self._evidence.answers_of("ztunnel")
        if not answers:
            return None
        from meshscope.mesh.network.ztunnels import Ztunnels  # most meshes have none

        return Ztunnels(answers)

    @once
    def _by_ip(self) -> dict[str, PodFact]:
        """Pods on the node's own network share its address and own no address here."""
        return {ip: pod for pod in self.pods if not pod.host_network for ip in pod.ips}

    @once
    def _by_name(self) -> dict[str, PodFact]:
        return {pod.full_name: pod for pod in self.pods}

    def pod_at(self, ip: str) -> PodFact | None:
        return self._by_ip.get(ip)

    def pod_named(self, full_name: str) -> PodFact | None:
        return self._by_name.get(full_name)

    # --- services --------------------------------------------------------------------------------------------------

    @once
    def services(self) -> tuple[ServiceHost, ...]:
        """Kubernetes' services, ServiceEntries, then services of istiod's registry and of ztunnels that have neither."""
        found: dict[str, ServiceHost] = {}
        for item in self._evidence.objects_of("Service", ""):
            service = decode(item, Service)
            if not isinstance(service, Problem):
                fact = service_host(item, service)
                found.setdefault(fact.host, fact)
        for item in self._evidence.objects_of("ServiceEntry"):
            from meshscope.istio.objects.service_entry import ServiceEntry  # many meshes have none

            entry = decode(item, ServiceEntry)
            if not isinstance(entry, Problem):
                for host in entry.spec.hosts:
                    found.setdefault(host, entry_host(item, entry, host))
        for answer, index, known in registered(self._evidence.answers_of("debug/registryz"), self._evidence.replaced):
            if known.hostname not in found:
                found[known.hostname] = ServiceHost(
                    host=known.hostname,
                    name=known.name,
                    namespace=known.namespace,
                    addresses=(*(a for a in known.addresses if a != "0.0.0.0"), *known.auto_addresses),  # noqa: S104
                    ports=tuple(PortFact(port.port, port.name, app_protocol=port.protocol) for port in known.ports),
                    selector=known.selector,
                    external_name=known.external_name,
                    source="registryz",
                    location=Location(answer.captured.document, (index,)),
                )
        if self.ztunnels:
            for fact in self.ztunnels.hosts():
                found.setdefault(fact.host, fact)
        return tuple(found.values())

    @once
    def _by_host(self) -> dict[str, ServiceHost]:
        return {service.host: service for service in self.services}

    @once
    def _by_address(self) -> dict[str, ServiceHost]:
        return {a: service for service in reversed(self.services) for a in (*service.addresses, *service.outside)}

    def service_named(self, host: str) -> ServiceHost | None:
        return self._by_host.get(host)

    def service_at(self, address: str) -> ServiceHost | None:
        return self._by_address.get(address)

    @once
    def node_addresses(self) -> frozenset[str]:
        """Addresses of Kubernetes' nodes, under which node ports are reached."""
        from meshscope.istio.kubernetes.node import KubernetesNode  # only for an address that nothing else has

        found: set[str] = set()
        for item in self._evidence.objects_of("Node", ""):
            node = decode(item, KubernetesNode)
            if not isinstance(node, Problem):
                found.update(address.address for address in node.status.addresses)
        return frozenset(found)

    def node_port(self, port: int) -> tuple[ServiceHost, PortFact] | None:
        """The service that a node's port leads to."""
        return next(((s, p) for s in self.services for p in s.ports if port and p.node_port == port), None)

    # --- the endpoints of a service ----------------------------------------------------------------------------------

    def backends(self, service: ServiceHost, port: PortFact) -> tuple[Backend, ...] | None:
        """Ready endpoints of a port: EndpointSlices or Endpoints, istiod's shards, else pods by selector."""
        key = (service.namespace, service.name)
        if key in self._slices:
            return tuple(backend for name, backend in self._slices[key] if name == port.name)
        if shards := self._shards.get(service.host):
            found = (
                Backend(address, one.port, self._pod_name_at(address))
                for one in shards
                if one.port_name == port.name
                for address in one.addresses
            )
            return tuple(dict.fromkeys(found))  # several replicas and registries may list the same one
        if self.ztunnels and service.source == "ztunnel":
            return self.ztunnels.backends(service, port)
        if service.fixed is not None:
            return tuple(Backend(one.address, one.port(port), self._pod_name_at(one.address)) for one in service.fixed)
        if not service.selector or not self.pods:
            return None
        return tuple(
            Backend(ip, target, pod.full_name)
            for pod in self.pods
            if pod.namespace == service.namespace and pod.labels.match(service.selector)
            for ip in pod.ips[:1]
            if (target := target_port(port, pod))
        )

    @once
    def _slices(self) -> dict[tuple[str, str], list[tuple[str, Backend]]]:
        """(port's name, backend) by namespace and service; Endpoints only where a service has no slices."""
        from meshscope.istio.kubernetes.endpoints import Endpoints, EndpointSlice  # only for a client without a proxy

        slices: dict[tuple[str, str], list[tuple[str, Backend]]] = defaultdict(list)
        plain: dict[tuple[str, str], list[tuple[str, Backend]]] = defaultdict(list)
        for item in self._evidence.objects_of("EndpointSlice"):
            if not isinstance(found := decode(item, EndpointSlice), Problem):
                slices[(item.namespace or "default", found.service)] += [
                    (port.name, Backend(ip, port.port, self._pod_name_at(ip)))
                    for port in found.ports
                    for host in found.endpoints
                    if host.conditions.ready
                    for ip in host.addresses
                ]
        for item in self._evidence.objects_of("Endpoints"):
            if not isinstance(old := decode(item, Endpoints), Problem):
                plain[(item.namespace or "default", item.name)] += [
                    (port.name, Backend(address.ip, port.port, self._pod_name_at(address.ip)))
                    for subset in old.subsets
                    for port in subset.ports
                    for address in subset.addresses
                ]
        return {**plain, **slices}

    @once
    def _shards(self) -> dict[str, list[RegisteredEndpoint]]:
        from meshscope.istio.debug.shards import read_shards  # only without EndpointSlices

        found: dict[str, list[RegisteredEndpoint]] = defaultdict(list)
        for answer in self._evidence.answers_of("debug/endpointShardz"):
            if (value := answer.value) is not None:
                for one in read_shards(value, answer.captured.document.name)[0]:
                    found[one.host].append(one)
        return found


def target_port(port: PortFact, pod: PodFact) -> int:
    """The container's port; 0 where the pod has no port of that name."""
    if isinstance(port.target, str) and not port.target.isdigit():
        return dict(pod.named_ports).get(port.target, 0)
    return int(port.target) or port.number


def names(hosts: Iterable[ServiceHost]) -> list[str]:
    """The names of services that a user may type."""
    return sorted({name for host in hosts for name in (host.name, f"{host.name}.{host.namespace}", host.host)})
