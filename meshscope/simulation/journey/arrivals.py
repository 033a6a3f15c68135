"""Where a connection to an address arrives: at a proxy's listener, at an application, or nowhere.

Below the proxies the network works as kube-proxy sets it up: a service's address leads to one of its ready endpoints, a node's
port to its service. In a pod with a sidecar iptables decide whether the sidecar gets the connection.
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.mesh.network.facts import Backend, ServiceHost
from meshscope.mesh.network.network import Network
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.bounded_cache import BoundedCache
from meshscope.simulation.journey import capture
from meshscope.simulation.journey.destination import is_loopback, joined
from meshscope.simulation.journey.guards import guards_of
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.proxies import Proxies
from meshscope.simulation.trace import Direction, EndpointRef, Step, StepKind
from meshscope.simulation.verdict import Truth

INBOUND_PORT = 15006
MOST_KNOWN = 10_000
"""Addresses whose arrivals are cached: a batch may name any number of them."""


_DIRECTIONS = {"gateway": Direction.GATEWAY, "waypoint": Direction.WAYPOINT}
"""By the kind of the proxy; a sidecar takes connections from outside as inbound."""


class Arrivals:
    def __init__(self, proxies: Proxies, network: Network) -> None:
        self.proxies, self.network = proxies, network
        self._known = BoundedCache(MOST_KNOWN)

    def at(self, ip: str, port: int, *, mesh_cluster: str = "") -> tuple[Arrival, ...]:
        """Every way in which a connection to an address may arrive; cached, as it depends on nothing else."""
        return self._known.of((ip, port, mesh_cluster), lambda: tuple(self._ways(ip, port, mesh_cluster)))

    def _ways(self, ip: str, port: int, mesh_cluster: str) -> Iterator[Arrival]:
        proxy = self.proxies.at(ip, mesh_cluster) or self._bound_to(ip, port)
        if proxy is not None:
            yield self._at_proxy(proxy, ip, port)
            return
        if self.network.pod_at(ip) is None:
            if (service := self.network.service_at(ip)) is not None:
                yield from self._at_service(service, ip, port)
                return
            if ip in self.network.node_addresses and (found := self.network.node_port(port)) is not None:
                yield from self._at_service(found[0], ip, found[1].number)
                return
        pod = self.network.pod_at(ip)
        where = EndpointRef(joined(ip, port), "HEALTHY", pod=pod.full_name if pod else None)
        yield Arrival(ip=ip, port=port, endpoint=where, assuming=guards_of(self.proxies.mesh, pod, port))

    def _bound_to(self, ip: str, port: int) -> Proxy | None:
        """The only plain Envoy with a socket at this very address; loopback is one host's only where all proxies are plain."""
        plain = self.proxies.plain
        if is_loopback(ip) and len(plain) < len(self.proxies.mesh.proxies):
            return None
        found = [one for one in plain if self.proxies.compiled(one).downstream.listeners.is_bound_to(ip, port)]
        return found[0] if len(found) == 1 else None

    def nearest_socket(self, ip: str, port: int) -> str:
        """In words, the socket of a plain Envoy with the same port, else with the same address; "" for none."""
        every = (
            (proxy, socket)
            for proxy in self.proxies.plain
            for socket in self.proxies.compiled(proxy).downstream.listeners.sockets
        )
        near = [
            (socket[1] != port, proxy.name, socket) for proxy, socket in every if port == socket[1] or ip == socket[0]
        ]
        if not near:
            return ""
        _, name, socket = min(near)
        return f"{name} listens at {joined(*socket)}"

    def _at_service(self, service: ServiceHost, ip: str, port: int) -> Iterator[Arrival]:
        fact = service.port(port)
        if fact is None:
            numbers = ", ".join(str(p.number) for p in service.ports)
            yield Arrival(
                ip=ip, port=port, closed=f"service {service.host} has no port {port}; it has {numbers or 'none'}"
            )
            return
        backends = self.network.backends(service, fact)
        if backends is None:
            because = f"the endpoints of {service.host} are not in this input"
            step = Step(
                kind=StepKind.SERVICE,
                chosen=service.host,
                verdict=Truth.UNKNOWN,
                because=because,
                location=service.location,
            )
            assumption = f"{service.host}:{port} has an endpoint that takes the connection"
            yield Arrival(ip=ip, port=port, steps=(step,), assuming=(assumption,))
            return
        if not backends:
            yield Arrival(ip=ip, port=port, closed=f"service {service.host} has no ready endpoint on port {port}")
            return
        for backend in backends:
            yield from self._at_backend(service, backend, len(backends), ip, port)

    def _at_backend(self, service: ServiceHost, backend: Backend, of: int, ip: str, port: int) -> Iterator[Arrival]:
        chosen = f"{joined(ip, port)} → {backend}"
        because = f"kube-proxy, one of {of} endpoints of {service.host}"
        step = Step(kind=StepKind.SERVICE, chosen=chosen, because=because, location=service.location)
        proxy = self.proxies.at(backend.ip)
        pod = self.network.pod_at(backend.ip)
        where = EndpointRef(str(backend), "HEALTHY", pod=backend.pod or (pod.full_name if pod else None))
        found = (
            self._at_proxy(proxy, backend.ip, backend.port)
            if proxy
            else Arrival(
                ip=backend.ip,
                port=backend.port,
                endpoint=where,
                assuming=guards_of(self.proxies.mesh, pod, backend.port),
            )
        )
        yield Arrival(
            ip=found.ip,
            port=found.port,
            probability=1 / of,
            proxy=found.proxy,
            direction=found.direction,
            listener=found.listener,
            steps=(step, *found.steps),
            endpoint=found.endpoint,
            assuming=found.assuming,
        )

    def _at_proxy(self, captured: Proxy, ip: str, port: int) -> Arrival:
        proxy = self.proxies.compiled(captured)
        listeners = proxy.downstream.listeners
        kind = self.proxies.mesh.kind_of(captured)
        if kind != "sidecar":
            direction = _DIRECTIONS.get(kind, Direction.STATIC)
            return Arrival(ip=ip, port=port, proxy=proxy, direction=direction, listener=listeners.accepting(ip, port))
        capturing = capture.inbound(captured, self.network.pod_named(captured.name), port)
        step = Step(kind=StepKind.CAPTURE, chosen=joined(ip, port), because=capturing.because)
        if capturing.enters:
            listener = listeners.accepting(ip, INBOUND_PORT) or listeners.named("virtualInbound")
            return Arrival(ip=ip, port=port, proxy=proxy, listener=listener, steps=(step,))
        if (listener := listeners.accepting(ip, port)) is not None:
            return Arrival(ip=ip, port=port, proxy=proxy, listener=listener, steps=(step,))
        where = EndpointRef(joined(ip, port), "HEALTHY", pod=captured.name)
        return Arrival(ip=ip, port=port, steps=(step,), endpoint=where)
