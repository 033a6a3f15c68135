"""Where a request starts: at a listener by name, in an application's pod, or at a gateway that it reaches from outside."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network_facts import ServiceHost
from meshscope.simulation.journey.arrivals import Arrivals
from meshscope.simulation.journey.destination import split_address
from meshscope.simulation.journey.source import Source
from meshscope.simulation.journey.start import CompletedRequest, Start, completed, connection_of, outbound
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.proxies import Proxies
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Direction, Step, StepKind

_BY_LISTENER = {"INBOUND": Direction.INBOUND, "OUTBOUND": Direction.OUTBOUND}


class Beginnings:
    def __init__(self, mesh: Mesh, proxies: Proxies, arrivals: Arrivals) -> None:
        self._mesh, self._network, self._proxies, self._arrivals = mesh, mesh.network, proxies, arrivals

    def starts(self, request: Request, source: Source) -> Iterator[Start]:
        asked = completed(request, source, self._network)
        if request.listener and source.proxy:
            yield self._at_listener(request, source, asked)
        elif source.proxy is None or source.kind == "sidecar":
            if source.proxy is None and source.kind == "outside" and not self._mesh.proxies:
                raise UsageError("no proxy in this input")
            yield from outbound(request, asked, source, self._proxies, self._arrivals)
        elif self._is_elsewhere(request, source):  # asked from within the gateway's pod: nothing captures it there
            yield from outbound(request, asked, replace(source, proxy=None), self._proxies, self._arrivals)
        else:
            yield from self._at_gateway(request, source, asked)

    def _is_elsewhere(self, request: Request, source: Source) -> bool:
        """Whether `--to` names a known address that is not this proxy's."""
        to = split_address(request.to) if request.to else None
        if to is None or source.proxy is None or to[0] == source.ip:
            return False
        service = self._network.service_at(to[0])
        if service is not None:
            return source.proxy.name not in self._pods_of(service)
        return self._network.pod_at(to[0]) is not None or self._proxies.at(to[0]) is not None

    def _at_listener(self, request: Request, source: Source, asked: CompletedRequest) -> Start:
        assert source.proxy is not None  # noqa: S101  # the caller looked
        tools = self._proxies.tools(source.proxy)
        taken = tools.listeners.named(request.listener)
        if taken is None:
            raise UsageError(f"{source.name} has no listener {request.listener!r}")
        to = split_address(request.to) if request.to else None
        ip = to[0] if to else None
        port = (to[1] if to else None) or taken.listener.address.port or asked.port
        if ip is None and not request.to:
            ip = taken.listener.address.host or None
        outsider = replace(source, proxy=None, pod=None)
        connection = replace(connection_of(request, asked, outsider, ip), destination_port=port)
        direction = _BY_LISTENER.get(taken.listener.traffic_direction, Direction.STATIC)
        arrival = Arrival(ip=ip or "", port=port, tools=tools, direction=direction, taken=taken)
        return Start(arrival=arrival, connection=connection, http=asked.http)

    def _at_gateway(self, request: Request, source: Source, asked: CompletedRequest) -> Iterator[Start]:
        """The request arrives from outside, at the container port behind the URL's port."""
        proxy = source.proxy
        assert proxy is not None  # noqa: S101  # the caller looked
        tools = self._proxies.tools(proxy)
        to = split_address(request.to) if request.to else None
        own = source.ip or (to[0] if to else "")
        ip, port = own, asked.port
        steps: tuple[Step, ...] = ()
        service = next((s for s in self._network.services if proxy.name in self._pods_of(s)), None)
        if to is not None and (service is None or to[0] not in (*service.addresses, *service.outside)):
            ip = to[0]
        elif service is not None and (fact := service.port(asked.port)) is not None:
            behind = next((b for b in self._network.backends(service, fact) or () if b.pod == proxy.name), None)
            if behind is not None:
                port = behind.port
                because = f"service {service.host} port {asked.port} → container port {port}"
                steps = (Step(kind=StepKind.SERVICE, chosen=service.host, because=because, location=service.location),)
        outside = Source("outside", "", kind=StepKind.OUTSIDE)
        connection = replace(connection_of(request, asked, outside, ip), destination_port=port)
        kind = self._mesh.kind_of(proxy)
        taken = tools.listeners.accepting(ip or "0.0.0.0", port)  # noqa: S104  # an address to look up
        direction = Direction(kind) if kind in ("gateway", "waypoint") else Direction.STATIC
        arrival = Arrival(ip=ip, port=port, tools=tools, direction=direction, taken=taken, steps=steps)
        yield Start(arrival=arrival, connection=connection, http=asked.http)

    def _pods_of(self, service: ServiceHost) -> set[str | None]:
        return {b.pod for port in service.ports for b in self._network.backends(service, port) or ()}
