"""Where a request starts: at a listener by name, in an application's pod, or at a gateway that it reaches from outside."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import ServiceHost
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.journey import capture
from meshscope.simulation.journey.arrivals import Arrivals
from meshscope.simulation.journey.client_connection import connection_of
from meshscope.simulation.journey.completion import CompletedRequest, completed
from meshscope.simulation.journey.destination import joined, split_address
from meshscope.simulation.journey.known_words import check_host
from meshscope.simulation.journey.partial_path import both
from meshscope.simulation.journey.source import RequestSource
from meshscope.simulation.listener.choice import ChosenListener
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.proxies import Proxies
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Direction, Step, StepKind

if TYPE_CHECKING:
    from meshscope.simulation.journey.ambient_ways import AmbientWays

OUTBOUND_PORT = 15001
_BY_LISTENER = {"INBOUND": Direction.INBOUND, "OUTBOUND": Direction.OUTBOUND}


class Start(Struct, frozen=True, kw_only=True):
    """One way on which the request starts; `http` None for TCP. `assumption` says which of several ports is taken."""

    arrival: Arrival
    connection: Connection
    http: HttpRequest | None
    assumption: str = ""


class Starts:
    def __init__(self, mesh: Mesh, proxies: Proxies, arrivals: Arrivals) -> None:
        self._mesh, self._network, self._proxies, self._arrivals = mesh, mesh.network, proxies, arrivals

    @cached_property
    def _ambient(self) -> AmbientWays:
        from meshscope.simulation.journey.ambient_ways import AmbientWays  # a source with a sidecar has no ztunnel

        return AmbientWays(self._arrivals)

    def of(self, request: Request, source: RequestSource) -> Iterator[Start]:
        """Raises UsageError for a destination or a listener that does not exist."""
        question = completed(request, source, self._network)
        for start in self._of(request, source, question):
            yield replace(start, assumption=question.assumption) if question.assumption else start

    def _of(self, request: Request, source: RequestSource, question: CompletedRequest) -> Iterator[Start]:
        if request.listener and source.proxy:
            yield self._at_listener(request, source, question)
        elif source.proxy is None or source.kind == "sidecar":
            if source.proxy is None and source.kind == "outside" and not self._mesh.proxies:
                raise UsageError("no proxy in this input")
            yield from self._from_application(request, source, question)
        elif self._is_elsewhere(request, source):  # from within the gateway's pod, where nothing is captured
            yield from self._from_application(request, replace(source, proxy=None), question)
        else:
            yield from self._at_gateway(request, source, question)

    # --- from an application -----------------------------------------------------------------------------------------

    def _from_application(self, request: Request, source: RequestSource, question: CompletedRequest) -> Iterator[Start]:
        """Through its sidecar, unless iptables leave it out; else straight to the network."""
        if question.resolved and not (question.resolved.ips or question.resolved.service):
            check_host(self._mesh, question.host, source.proxy)
        steps = (question.resolved.step,) if question.resolved else ()
        ips: tuple[str | None, ...] = (question.resolved.ips if question.resolved else ()) or (None,)
        for ip in ips:
            connection = connection_of(request, question, source, ip)
            for arrival in self._outbound(source, question, ip, steps):
                probability = both(arrival.probability, 1.0 / len(ips))
                there = replace(arrival, probability=probability)
                if source.proxy is None:
                    connection = self._ambient.tunnelled(there, connection, source)
                yield Start(arrival=there, connection=connection, http=question.http)

    def _outbound(
        self, source: RequestSource, question: CompletedRequest, ip: str | None, steps: tuple[Step, ...]
    ) -> Iterator[Arrival]:
        port = question.port
        assuming: tuple[str, ...] = ()
        if source.proxy is not None:
            capturing = capture.outbound(source.proxy, source.pod, ip, port)
            chosen = joined(ip, port) if ip else question.host
            steps = (*steps, Step(kind=StepKind.CAPTURE, chosen=chosen, because=capturing.because))
            if capturing.enters:
                redirected = _at_sidecar(self._proxies.compiled(source.proxy), ip, port, steps)
                if not (assuming := _past(redirected.listener, ip)):
                    yield redirected
                    return
        if source.pod is not None and source.proxy is None and (plane := source.pod.data_plane):
            assumption = f"{source.name} forwards the request: {plane} is not modelled"
            yield Arrival(ip=ip or question.host, port=port, steps=steps, assuming=(assumption,))
            return
        if ip is None:
            yield Arrival(ip=question.host, port=port, steps=steps, assuming=(f"{question.host} resolves",))
            return
        through_ztunnel = self._ambient.from_pod(source, ip, port) if source.proxy is None else None
        for arrival in through_ztunnel or self._arrivals.at(ip, port):
            yield replace(arrival, steps=(*steps, *arrival.steps), assuming=(*assuming, *arrival.assuming))

    # --- elsewhere -----------------------------------------------------------------------------------------------------

    def _is_elsewhere(self, request: Request, source: RequestSource) -> bool:
        """Whether `to` names a known address that is not this proxy's."""
        to = split_address(request.to) if request.to else None
        if to is None or source.proxy is None or to[0] == source.ip:
            return False
        service = self._network.service_at(to[0])
        if service is not None:
            return source.proxy.name not in self._pods_of(service)
        return self._network.pod_at(to[0]) is not None or self._proxies.at(to[0]) is not None

    def _at_listener(self, request: Request, source: RequestSource, question: CompletedRequest) -> Start:
        assert source.proxy is not None  # noqa: S101  # the caller looked
        proxy = self._proxies.compiled(source.proxy)
        chosen = proxy.downstream.listeners.named(request.listener)
        if chosen is None:
            raise UsageError(f"{source.name} has no listener {request.listener!r}")
        listener = chosen.listener
        to = split_address(request.to) if request.to else None
        ip = to[0] if to else None
        port = (to[1] if to else None) or listener.address.port or question.port
        if ip is None and not request.to:
            ip = listener.address.host or None
        outsider = replace(source, proxy=None, pod=None)
        connection = replace(connection_of(request, question, outsider, ip), destination_port=port)
        direction = _BY_LISTENER.get(listener.traffic_direction, Direction.STATIC)
        arrival = Arrival(ip=ip or "", port=port, proxy=proxy, direction=direction, listener=chosen)
        return Start(arrival=arrival, connection=connection, http=question.http)

    def _at_gateway(self, request: Request, source: RequestSource, question: CompletedRequest) -> Iterator[Start]:
        """The request arrives from outside, at the container port behind the URL's port."""
        assert source.proxy is not None  # noqa: S101  # the caller looked
        proxy = self._proxies.compiled(source.proxy)
        to = split_address(request.to) if request.to else None
        ip, port = source.ip or (to[0] if to else ""), question.port
        steps: tuple[Step, ...] = ()
        service = next((one for one in self._network.services if proxy.name in self._pods_of(one)), None)
        if to is not None and (service is None or to[0] not in (*service.addresses, *service.outside)):
            ip = to[0]
        elif service is not None and (behind := self._container_port(service, port, proxy.name)) is not None:
            because = f"service {service.host} port {port} → container port {behind}"
            steps = (Step(kind=StepKind.SERVICE, chosen=service.host, because=because, location=service.location),)
            port = behind
        behind_port = _behind(source, proxy, question) if to is None and service is None else None
        port = behind_port.port if behind_port else port
        from meshscope.simulation.journey.plain_arrival import sockets  # for proxies alone

        outside = RequestSource("outside", "", kind="outside")
        kind = self._mesh.kind_of(source.proxy)
        direction = Direction(kind) if kind in ("gateway", "waypoint") else Direction.STATIC
        ways = tuple(
            sockets(proxy.downstream.listeners, ip or None, port, question.host, own=bool(ip) and ip == source.ip)
        )
        for way in ways:
            arrival = Arrival(
                ip=way.ip or "",
                port=port,
                proxy=proxy,
                direction=direction,
                listener=way.listener,
                steps=steps,
                assuming=(*way.assuming, *(behind_port.assuming if behind_port else ())),
                probability=1.0 if len(ways) == 1 else None,
            )
            connection = replace(connection_of(request, question, outside, way.ip), destination_port=port)
            yield Start(
                arrival=arrival,
                connection=connection,
                http=question.http,
                assumption=behind_port.assumption if behind_port else "",
            )

    def _container_port(self, service: ServiceHost, port: int, pod: str) -> int | None:
        fact = service.port(port)
        backends = self._network.backends(service, fact) if fact else None
        return next((backend.port for backend in backends or () if backend.pod == pod), None)

    def _pods_of(self, service: ServiceHost) -> set[str | None]:
        return {b.pod for port in service.ports for b in self._network.backends(service, port) or ()}


class _BehindPort(Struct, frozen=True):
    """The container's port behind a port of a Service that is not in the input, with what is taken for granted, or assumed."""

    port: int
    assumption: str = ""
    assuming: tuple[str, ...] = ()


def _behind(source: RequestSource, proxy: CompiledProxy, question: CompletedRequest) -> _BehindPort | None:
    """None for what is no gateway of Istio, what listens on the port itself, and where its own address is dialled."""
    listeners, port = proxy.downstream.listeners, question.port
    if source.kind != "gateway" or listeners.at_port(port) or question.host == source.ip:
        return None
    from meshscope.simulation.journey.gateway_port import port_behind  # for gateways without a Service

    authority = question.http.authority if question.http else ""
    if found := port_behind(proxy.captured, listeners, port, authority or question.host):
        why = f"{found.because}; its Service is not in this input"
        return _BehindPort(found.port, f"port {port} leads to {found.port} of {source.name}: {why}")
    return _BehindPort(
        port, "", (f"the Service of {source.name}, which is not in this input, leads port {port} to {port}",)
    )


def _at_sidecar(proxy: CompiledProxy, ip: str | None, port: int, steps: tuple[Step, ...]) -> Arrival:
    """What iptables redirect arrives at the outbound listener; without one at whatever listens at the address."""
    listeners = proxy.downstream.listeners
    listener = listeners.named("virtualOutbound") or listeners.accepting("127.0.0.1", OUTBOUND_PORT)
    listener = listener or (listeners.accepting(ip, port) if ip else None)
    return Arrival(ip=ip or "", port=port, proxy=proxy, direction=Direction.OUTBOUND, listener=listener, steps=steps)


def _past(listener: ChosenListener | None, ip: str | None) -> tuple[str, ...]:
    """iptables redirect within a family: what goes to IPv6 does not arrive at a listener that is bound to IPv4 alone."""
    if listener is None or not ip or ":" not in ip or any(":" in one.host for one in listener.listener.addresses):
        return ()
    return (f"IPv6 passes by the proxy, whose listener {listener.name} is bound to IPv4 alone",)
