"""A request's whole way, proxy after proxy: every possible outcome with its hops. Loops end.

A Simulator compiles what it meets once and can be asked thousands of times; `trace` keeps one for each mesh.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.cluster.transport_socket import UpstreamConnection
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import LOOP, NO_FILTER_ANSWERS, End
from meshscope.simulation.http_filters.delay import delay_of
from meshscope.simulation.journey.arrivals import Arrivals
from meshscope.simulation.journey.beginnings import Beginnings
from meshscope.simulation.journey.destination import split_address
from meshscope.simulation.journey.missing_documents import LostEvidence
from meshscope.simulation.journey.paths import limited, path_of
from meshscope.simulation.journey.source import OUTSIDE, Source, of_proxy, source_of
from meshscope.simulation.journey.start import completed, connection_of
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft, Forward
from meshscope.simulation.proxy.manager_stage import TraceOptions
from meshscope.simulation.proxy.next_connection import next_connection
from meshscope.simulation.proxy.proxies import Proxies
from meshscope.simulation.proxy.proxy_stage import alone, visit
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Hop, Path, Response, Trace

MAX_PATHS = 64
MAX_HOPS = 12


class Leg(Struct, frozen=True, kw_only=True):
    """The way so far. `delayed`: a fault filter held the request back."""

    probability: float | None = 1.0
    hops: tuple[Hop, ...] = ()
    assuming: tuple[str, ...] = ()
    seen: frozenset[Any] = frozenset()
    delayed: bool = False

    def ended(self, end: End | None) -> Path:
        return path_of(self.hops, self.probability, self.assuming, end, delayed=self.delayed)


class Simulator:
    def __init__(self, mesh: Mesh, *, at: str = "") -> None:
        self.mesh, self.at = mesh, at
        self.network = mesh.network
        self.proxies = Proxies(mesh)
        self.arrivals = Arrivals(self.proxies, self.network)
        self.beginnings = Beginnings(mesh, self.proxies, self.arrivals)
        self._lost = LostEvidence(mesh)
        self._sources: dict[str, Source] = {}

    def trace(self, request: Request, *, explain: bool = True, max_paths: int = MAX_PATHS) -> Trace:
        """Raises UsageError for a request that names what is not there."""
        notes: list[str] = []
        paths = tuple(self._paths(request, notes, explain=explain))
        shown = limited(paths, max_paths)
        assumed = tuple(dict.fromkeys(notes))
        return Trace(id=request.id, request=request, paths=shown, assumptions=assumed, problems=self._lost.on(shown))

    def _paths(self, request: Request, notes: list[str], *, explain: bool) -> Iterator[Path]:
        source = self._source(request)
        if source.assumption:
            notes.append(source.assumption)
        run = TraceOptions(at=self.at, claims=request.jwt, explain=explain, internal=request.internal)
        if request.route_config:
            yield from self._table_alone(request, source, run)
            return
        for start in self.beginnings.starts(request, source):
            tools = start.arrival.tools
            if tools is not None and not tools.proxy.envoy_version:
                notes.append("the newest Envoy (no version in this input)")
            yield from self._follow(Leg(), start.arrival, start.connection, start.http, run)

    def _source(self, request: Request) -> Source:
        if request.source or not (request.listener or request.route_config):
            if request.source not in self._sources:
                self._sources[request.source] = source_of(self.mesh, self.network, request.source)
            return self._sources[request.source]
        return of_proxy(self.mesh, self.network, self._holder(request)) if self.mesh.proxies else OUTSIDE

    def _holder(self, request: Request) -> Proxy:
        """The proxy that has the named listener or route table. Raises UsageError where none, or not one, has."""
        for proxy in self.mesh.proxies:
            tools = self.proxies.tools(proxy)
            if request.listener and tools.listeners.named(request.listener):
                return proxy
            if request.route_config and tools.table(request.route_config):
                return proxy
        if request.listener:
            raise UsageError(f"no proxy has a listener {request.listener!r}")
        raise UsageError(f"no proxy has a route configuration {request.route_config!r}")

    def _table_alone(self, request: Request, source: Source, run: TraceOptions) -> Iterator[Path]:
        if source.proxy is None:
            raise UsageError(f"no proxy has a route configuration {request.route_config!r}")
        tools = self.proxies.tools(source.proxy)
        table = tools.table(request.route_config)
        if table is None:
            raise UsageError(f"{source.name} has no route configuration {request.route_config!r}")
        asked = completed(replace(request, protocol=request.protocol or "http1"), source, self.network)
        connection = connection_of(request, asked, source, None)
        http = asked.http or HttpRequest()
        if request.internal:
            http = replace(http, internal=True)
        for draft in alone(tools, table, connection, http, run):
            yield from self._go_on(Leg(), draft, tools, connection, http, run, ends_here=True)

    # --- proxy after proxy -----------------------------------------------------------------------------------------

    def _follow(
        self, leg: Leg, arrival: Arrival, connection: Connection, http: HttpRequest | None, run: TraceOptions
    ) -> Iterator[Path]:
        leg = _reached(leg, arrival)
        if arrival.closed:
            yield leg.ended(End(Disposition.CLOSED, Response(code=0, details=arrival.closed)))
            return
        tools = arrival.tools
        if tools is None:
            yield leg.ended(None)
            return
        state = (
            tools.proxy.id,
            arrival.direction,
            connection.destination_ip,
            connection.destination_port,
            http and http.authority,
            http and http.path,
        )
        if state in leg.seen or len(leg.hops) >= MAX_HOPS:
            yield leg.ended(LOOP)
            return
        leg = replace(leg, seen=leg.seen | {state})
        for draft in visit(tools, arrival, connection, http, run):
            inner = draft.inner or connection
            yield from self._go_on(leg, draft, tools, inner, http, run)

    def _go_on(  # noqa: PLR0913, PLR0917  # a way so far and what goes on
        self,
        leg: Leg,
        draft: Draft,
        tools: CompiledProxy,
        connection: Connection,
        http: HttpRequest | None,
        run: TraceOptions,
        *,
        ends_here: bool = False,
    ) -> Iterator[Path]:
        """`http` is the request as it came: a TCP proxy passes it on inside the connection, untouched."""
        chance = None
        if leg.probability is not None and draft.probability is not None:
            chance = leg.probability * draft.probability
        forward = draft.forward
        leg = Leg(
            probability=chance,
            hops=(*leg.hops, draft.hop),
            assuming=leg.assuming + draft.assuming,
            seen=leg.seen,
            delayed=leg.delayed or bool(forward and forward.request and delay_of(forward.request)),
        )
        if draft.end is not None or forward is None:
            end = draft.end or NO_FILTER_ANSWERS
            yield leg.ended(end)
        elif ends_here or forward.hosts is None or _is_own_application(draft.hop, forward):
            yield leg.ended(None)
        elif forward.destination:
            yield from self._onward(leg, forward.destination, None, forward, tools, connection, http, run)
        else:
            yield from self._to_hosts(leg, forward, tools, connection, http, run)

    def _to_hosts(  # noqa: PLR0913, PLR0917  # a way so far and what goes on
        self,
        leg: Leg,
        forward: Forward,
        tools: CompiledProxy,
        connection: Connection,
        http: HttpRequest | None,
        run: TraceOptions,
    ) -> Iterator[Path]:
        """One way for each host that a recorded proxy guards; all the others are one."""
        hop, hosts = leg.hops[-1], forward.hosts or ()
        plain: list[int] = []
        for index, one in enumerate(hosts):
            if not self._guarded(one.endpoint.address):
                plain.append(index)
                continue
            share = None if leg.probability is None else leg.probability * one.share
            seen = replace(hop, endpoints=(hop.endpoints or ())[index : index + 1])
            there = replace(leg, hops=(*leg.hops[:-1], seen), probability=share)
            yield from self._onward(
                there, one.endpoint.address, forward.connections[index], forward, tools, connection, http, run
            )
        if plain:
            part = sum(hosts[index].share for index in plain)
            seen = replace(hop, endpoints=tuple((hop.endpoints or ())[index] for index in plain))
            share = None if leg.probability is None else leg.probability * part
            yield replace(leg, hops=(*leg.hops[:-1], seen), probability=share).ended(None)

    def _guarded(self, address: str) -> bool:
        if address.startswith("envoy://"):
            return True
        split = split_address(address)
        return split is not None and any(
            arrival.tools is not None or arrival.closed for arrival in self.arrivals.at(split[0], split[1] or 0)
        )

    def _onward(  # noqa: PLR0913, PLR0917  # from one proxy to the next
        self,
        leg: Leg,
        address: str,
        upstream: UpstreamConnection | None,
        forward: Forward,
        tools: CompiledProxy,
        connection: Connection,
        http: HttpRequest | None,
        run: TraceOptions,
    ) -> Iterator[Path]:
        passed = forward.request or http
        if passed and http:
            passed = replace(passed, metadata=http.metadata)  # what this proxy's filters noted stays here
        if address.startswith("envoy://"):
            name = address.removeprefix("envoy://").partition("/")[0]
            taken = tools.listeners.internal(name)
            arrival = Arrival(ip="", port=0, tools=tools, direction=leg.hops[-1].direction, taken=taken)
            inside = replace(next_connection(upstream, forward, tools, connection), is_ip=False, destination_ip=None)
            yield from self._follow(leg, arrival, inside, passed, run)
            return
        split = split_address(address)
        if split is None:
            yield leg.ended(None)
            return
        following = replace(
            next_connection(upstream, forward, tools, connection), destination_ip=split[0], destination_port=split[1]
        )
        for arrival in self.arrivals.at(split[0], split[1] or 0, mesh_cluster=tools.proxy.id.mesh_cluster):
            there = replace(following, destination_ip=arrival.ip, destination_port=arrival.port)
            yield from self._follow(leg, arrival, there, passed, run)


def _reached(leg: Leg, arrival: Arrival) -> Leg:
    """What the way to the next place says belongs to the hop before, once there is one."""
    chance = None
    if leg.probability is not None and arrival.probability is not None:
        chance = leg.probability * arrival.probability
    hops = leg.hops
    if hops and arrival.tools is None and arrival.steps:
        last = hops[-1]
        endpoints = (arrival.endpoint,) if arrival.endpoint else last.endpoints
        hops = (*hops[:-1], replace(last, steps=last.steps + arrival.steps, endpoints=endpoints))
    return replace(leg, probability=chance, hops=hops, assuming=leg.assuming + arrival.assuming)


def _is_own_application(hop: Hop, forward: Forward) -> bool:
    """An inbound proxy's upstream is the application beside it."""
    return hop.direction == "inbound" and not any(
        one.endpoint.address.startswith("envoy://") for one in forward.hosts or ()
    )


def trace(mesh: Mesh, request: Request, *, explain: bool = True, max_paths: int = MAX_PATHS, at: str = "") -> Trace:
    """What the mesh does with a request. `explain=False` decides without building steps. `at` is the time (RFC 3339).

    Raises UsageError for a source, listener or destination that is not there.
    """
    key = f"_simulator {at}"  # kept with the mesh, and gone with it
    kept = vars(mesh).get(key)
    if kept is None or kept.mesh is not mesh:  # an overlay starts as a copy of its mesh
        kept = vars(mesh)[key] = Simulator(mesh, at=at)
    found: Trace = kept.trace(request, explain=explain, max_paths=max_paths)
    return found
