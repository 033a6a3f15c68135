"""Proxy after proxy until the request's way ends: every possible outcome with its hops. Loops end."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.cluster.upstream_connection import UpstreamConnection
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.upgrades import to_extended_connect
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import LOOP, NO_FILTER_ANSWERS, UNKNOWN, End
from meshscope.simulation.journey.arrivals import Arrivals
from meshscope.simulation.journey.destination import INTERNAL, is_loopback, joined, split_address
from meshscope.simulation.journey.partial_path import PartialPath
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft, Forward
from meshscope.simulation.proxy.next_connection import next_connection
from meshscope.simulation.proxy.proxy_stage import through_proxy
from meshscope.simulation.trace import Direction, Hop, Path, Response, Step, StepKind
from meshscope.simulation.trace_options import TraceOptions

MAX_HOPS = 12
MAX_VISITS = 10_000
"""Arrivals that one request is followed to: where each of a few hosts leads to each of them again, there are billions."""
_NOT_FOLLOWED = f"this way goes on: the request is followed to {MAX_VISITS:,} arrivals, and there are more"


class _Visit(Struct, frozen=True):
    """A request at one proxy of its way; `request` None for TCP, which a proxy passes on inside the connection untouched."""

    proxy: CompiledProxy
    connection: Connection
    request: HttpRequest | None
    options: TraceOptions


class Way:
    """From an arrival to every end, in one mesh: of one request, whose arrivals are counted."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._visits = 0

    def paths(
        self,
        path: PartialPath,
        arrival: Arrival,
        connection: Connection,
        request: HttpRequest | None,
        options: TraceOptions,
    ) -> Iterator[Path]:
        path, proxy = path.with_arrival(arrival), arrival.proxy
        if arrival.closed:
            yield path.ended(End(Disposition.CLOSED, Response(code=0, details=arrival.closed)))
            return
        if proxy is None:
            yield self._unseen(path, arrival).ended(None)
            return
        state = (
            proxy.captured.id,
            arrival.direction,
            arrival.listener and arrival.listener.name,
            connection.destination_ip,
            connection.destination_port,
            request and request.authority,
            request and request.path,
        )
        if state in path.visited or len(path.hops) >= MAX_HOPS:
            yield path.ended(LOOP)
            return
        self._visits += 1
        if self._visits > MAX_VISITS:
            yield replace(path, assuming=(*path.assuming, _NOT_FOLLOWED)).ended(UNKNOWN)
            return
        path = replace(path, visited=path.visited | {state})
        for draft in through_proxy(proxy, arrival, connection, request, options):
            if draft.end is not None and draft.end.by_client:
                yield path.refused(draft)
                continue
            visit = _Visit(proxy, draft.inner or connection, request, options)
            yield from self._go_on(path.with_draft(draft), draft, visit)

    def _unseen(self, path: PartialPath, arrival: Arrival) -> PartialPath:
        """Where no proxy has seen the request, and nothing of this input is there, what becomes of it is unknown."""
        of_service = any(step.kind is StepKind.SERVICE for step in arrival.steps)
        if path.hops or arrival.assuming or of_service or (arrival.endpoint and arrival.endpoint.pod):
            return path
        near = self._arrivals.nearest_socket(arrival.ip, arrival.port)
        behind = f"; {near}" if near else ""
        assumption = (
            f"something answers at {joined(arrival.ip, arrival.port)}, which is of nothing in this input{behind}"
        )
        return replace(path, assuming=(*path.assuming, assumption))

    def _go_on(self, path: PartialPath, draft: Draft, visit: _Visit) -> Iterator[Path]:
        forward = draft.forward
        if draft.end is not None or forward is None:
            yield path.ended(_end(draft))
        elif forward.hosts is None or _is_own_application(draft.hop, forward):
            yield path.ended(None)
        elif forward.destination:
            yield from self._to_next_proxy(path, forward.destination, None, forward, visit)
        else:
            yield from self._to_hosts(path, forward, visit)

    def _to_hosts(self, path: PartialPath, forward: Forward, visit: _Visit) -> Iterator[Path]:
        """One way for each host that a captured proxy guards; all the others are one."""
        hop, hosts = path.hops[-1], forward.hosts or ()
        unguarded: list[int] = []
        for index, one in enumerate(hosts):
            if not self._is_guarded(one.endpoint.address):
                unguarded.append(index)
                continue
            there = path.with_last_hop(replace(hop, endpoints=(hop.endpoints or ())[index : index + 1]), one.share)
            yield from self._to_next_proxy(there, one.endpoint.address, forward.connections[index], forward, visit)
        if unguarded:
            endpoints = tuple((hop.endpoints or ())[index] for index in unguarded)
            share = sum(hosts[index].share for index in unguarded)
            yield path.with_last_hop(replace(hop, endpoints=endpoints), share).ended(None)

    def _is_guarded(self, address: str) -> bool:
        if address.startswith(INTERNAL):
            return True
        split = split_address(address)
        return split is not None and any(
            arrival.proxy is not None or arrival.closed or arrival.assuming
            for arrival in self._arrivals.at(split[0], split[1] or 0)
        )

    def _to_next_proxy(
        self, path: PartialPath, address: str, upstream: UpstreamConnection | None, forward: Forward, visit: _Visit
    ) -> Iterator[Path]:
        proxy, request = visit.proxy, forward.request or visit.request
        if request and visit.request:
            # dynamic metadata stays in its proxy, and so does what a session chose there
            request = replace(request, metadata=visit.request.metadata, override_host=None)
        leaving = next_connection(upstream, forward, proxy, visit.connection, visit.options.at)
        if forward.request and request and leaving.application_protocol in ("http2", "http3"):
            request = to_extended_connect(request)
        if address.startswith(INTERNAL):
            name = address.removeprefix(INTERNAL).partition("/")[0]
            listener = proxy.downstream.listeners.internal(name)
            if listener is None:
                from meshscope.simulation.journey.internal_listener import no_internal_listener  # few miss one

                yield no_internal_listener(path, name, address, proxy.downstream, request)
                return
            arrival = Arrival(ip="", port=0, proxy=proxy, direction=path.hops[-1].direction, listener=listener)
            inside = replace(leaving, is_ip=False, destination_ip=None)
            yield from self.paths(path, arrival, inside, request, visit.options)
            return
        split = split_address(address)
        if split is None:
            yield path.ended(None)
            return
        for arrival in self._arrivals.at(split[0], split[1] or 0, mesh_cluster=proxy.captured.id.mesh_cluster):
            there = replace(leaving, destination_ip=arrival.ip, destination_port=arrival.port)
            next_ = arrival.proxy
            if next_ is not None and next_ is not proxy and is_loopback(arrival.ip):
                arrival = _on_one_host(arrival, proxy, next_, address)  # noqa: PLW2901  # the same with a reason
            yield from self.paths(path, arrival, there, request, visit.options)


def _on_one_host(arrival: Arrival, proxy: CompiledProxy, next_: CompiledProxy, address: str) -> Arrival:
    """Two Envoys that listen on loopback alone meet nowhere but on one host; of others that is an assumption."""
    sockets = (*proxy.downstream.listeners.sockets, *next_.downstream.listeners.sockets)
    if all(is_loopback(ip) for ip, _ in sockets):
        because = f"{proxy.name} and {next_.name} listen on loopback alone: they are on one host"
        step = Step(kind=StepKind.DNS, chosen=address, because=because)
        return replace(arrival, steps=(*arrival.steps, step))
    assumption = f"{proxy.name} and {next_.name}, which listens at {address}, are on one host"
    return replace(arrival, assuming=(*arrival.assuming, assumption))


def _end(draft: Draft) -> End:
    return draft.end or NO_FILTER_ANSWERS


def _is_own_application(hop: Hop, forward: Forward) -> bool:
    """An inbound proxy's upstream is the application beside it."""
    return hop.direction is Direction.INBOUND and not any(
        one.endpoint.address.startswith(INTERNAL) for one in forward.hosts or ()
    )
