"""The ways of connections in ambient mode: through a waypoint's Envoy, which is followed, and past ztunnels, which are not.

A captured pod does not send by itself: its node's ztunnel does. A service with a waypoint is reached through that, at its
listener `main_internal` by the service's address; every other way passes ztunnels alone, and what those decide is unknown.
https://istio.io/latest/docs/ambient/architecture/data-plane/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.mesh.ambient import Waypoint, ambient_of
from meshscope.simulation.connection import Connection, Peer
from meshscope.simulation.journey.arrivals import Arrivals
from meshscope.simulation.journey.destination import is_loopback, joined
from meshscope.simulation.journey.guards import NOT_FOLLOWED
from meshscope.simulation.journey.source import RequestSource
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.compiled_secrets import TRUST_DOMAIN
from meshscope.simulation.trace import Direction, Step, StepKind
from meshscope.simulation.verdict import Truth

MAIN_INTERNAL = "main_internal"
"""The waypoint's listener behind the one that ends the tunnel."""


class AmbientWays:
    """Ways for the connections of sources without an Envoy of their own; none where nothing is captured."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals, self._network = arrivals, arrivals.network
        self._mesh = arrivals.proxies.mesh
        self._ambient = ambient_of(self._mesh)

    def from_pod(self, source: RequestSource, ip: str, port: int) -> Iterator[Arrival] | None:
        """Every way of a connection that the source opens; None where the network alone decides."""
        pod = source.pod
        if pod is None:
            return None
        if plane := pod.data_plane:
            return iter(
                (_unknown(ip, port, f"what {pod.full_name} sends is {plane}'s decision, which is not modelled"),)
            )
        why = self._ambient.captured(pod)
        if not why or is_loopback(ip) or ip in pod.ips:
            return None
        step = Step(kind=StepKind.CAPTURE, chosen=joined(ip, port), because=f"ztunnel takes it: {why}")
        return (replace(one, steps=(step, *one.steps)) for one in self._through_ztunnel(ip, port))

    def tunnelled(self, arrival: Arrival, connection: Connection, source: RequestSource) -> Connection:
        """The connection as the waypoint's `main_internal` gets it: with the identity of who opened the tunnel."""
        if arrival.direction is not Direction.WAYPOINT or source.pod is None:
            return connection
        if connection.peer.uri_sans:
            return connection
        domain = arrival.proxy.secrets.trust_domain if arrival.proxy else TRUST_DOMAIN
        identity = self._ambient.identity(source.pod, domain)
        return replace(connection, peer=Peer(presented=True, validated=True, uri_sans=(identity,)))

    def _through_ztunnel(self, ip: str, port: int) -> Iterator[Arrival]:
        pod = self._network.pod_at(ip)
        service = None if pod else self._network.service_at(ip)
        waypoints: tuple[Waypoint, ...] = ()
        if service is not None:
            waypoints = self._ambient.waypoints_of_service(service)
        elif pod is not None:
            waypoints = self._ambient.waypoints_of_workload(pod)
        total = sum(waypoint.weight for waypoint in waypoints)
        for waypoint in waypoints:
            yield from self._through_waypoint(waypoint, waypoint.weight / total, ip, port)
        if not waypoints:
            for arrival in self._arrivals.at(ip, port):
                there = arrival.assuming or (
                    f"the ztunnel of the client lets the connection to {joined(ip, port)} pass: {NOT_FOLLOWED}",
                )
                yield replace(arrival, assuming=there)

    def _through_waypoint(self, waypoint: Waypoint, share: float, ip: str, port: int) -> Iterator[Arrival]:
        step = Step(
            kind=StepKind.SERVICE,
            chosen=f"waypoint {waypoint}",
            because=waypoint.because,
            location=waypoint.location,
        )
        if waypoint.data_plane or not waypoint.proxies:
            why = f"{waypoint.data_plane} is not modelled" if waypoint.data_plane else "its Envoy is not in this input"
            doubt = replace(step, verdict=Truth.UNKNOWN, because=f"{waypoint.because}; {why}")
            assumption = f"waypoint {waypoint} lets the request pass: {why}"
            yield replace(_unknown(ip, port, assumption), steps=(doubt,), probability=share)
            return
        for captured in waypoint.proxies:
            proxy = self._arrivals.proxies.compiled(captured)
            listener = proxy.downstream.listeners.internal(MAIN_INTERNAL)
            probability = share / len(waypoint.proxies)
            if listener is None:
                assumption = f"waypoint {captured.name} lets the request pass: it has no listener {MAIN_INTERNAL}"
                yield replace(_unknown(ip, port, assumption), steps=(step,), probability=probability)
                continue
            yield Arrival(
                ip=ip,
                port=port,
                probability=probability,
                proxy=proxy,
                direction=Direction.WAYPOINT,
                listener=listener,
                steps=(step,),
            )


def _unknown(ip: str, port: int, assumption: str) -> Arrival:
    return Arrival(ip=ip, port=port, assuming=(assumption,))
