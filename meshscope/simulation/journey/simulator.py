"""A request's whole way, proxy after proxy: every possible outcome with its hops. Loops end.

A Simulator compiles each proxy once and answers thousands of requests; `trace` keeps one for each mesh.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.envoy.resource import ROUTES
from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.cluster.upstream_connection import UpstreamConnection
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.upgrades import to_extended_connect
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import LOOP, NO_FILTER_ANSWERS, End
from meshscope.simulation.journey.arrivals import Arrivals
from meshscope.simulation.journey.destination import INTERNAL, is_loopback, joined, split_address
from meshscope.simulation.journey.missing_documents import MissingDocuments
from meshscope.simulation.journey.network_policies import NetworkPolicies
from meshscope.simulation.journey.partial_path import PartialPath, limited
from meshscope.simulation.journey.refused_files import RefusedFiles
from meshscope.simulation.journey.refused_updates import RefusedUpdates
from meshscope.simulation.journey.source import OUTSIDE, RequestSource, of_proxy, source_of
from meshscope.simulation.journey.starts import Starts
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft, Forward
from meshscope.simulation.proxy.next_connection import next_connection
from meshscope.simulation.proxy.proxies import Proxies
from meshscope.simulation.proxy.proxy_stage import through_proxy
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Direction, Hop, Path, Response, Step, StepKind, Trace
from meshscope.simulation.trace_options import TraceOptions
from meshscope.work import UNFOLLOWED, Work

MAX_PATHS = 64
MAX_HOPS = 12


class _Visit(Struct, frozen=True):
    """A request at one proxy of its way; `request` None for TCP, which a proxy passes on inside the connection untouched."""

    proxy: CompiledProxy
    connection: Connection
    request: HttpRequest | None
    options: TraceOptions


class Simulator:
    """`at` is the time of capture (RFC 3339), "" where it is unknown."""

    def __init__(self, mesh: Mesh, *, at: str = "") -> None:
        self._mesh, self._at = mesh, at
        self._network = mesh.network
        self._proxies = Proxies(mesh)
        self._arrivals = Arrivals(self._proxies, self._network)
        self._starts = Starts(mesh, self._proxies, self._arrivals)
        self._missing = MissingDocuments(mesh)
        self._refused = RefusedUpdates(mesh)
        self._refused_files = RefusedFiles(mesh)
        self._network_policies = NetworkPolicies(mesh)
        self._sources: dict[str, RequestSource] = {}

    def trace(
        self, request: Request, *, explain: bool = True, max_paths: int = MAX_PATHS, work: Work = UNFOLLOWED
    ) -> Trace:
        """`work` counts the outcomes, whose number is known at the end only.

        Raises UsageError for a request that names something that does not exist, CancelledError.
        """
        assumptions: dict[str, None] = {}
        found: list[Path] = []
        work.step(0, 1)
        for path in self._paths(request, assumptions, explain=explain):
            found.append(path)
            work.step(len(found), len(found) + 1)
        paths = tuple(self._refused_files.doubted(limited(tuple(found), max_paths)))
        if explain:
            paths = self._written(paths, assumptions)
        return Trace(
            id=request.id,
            request=request,
            paths=paths,
            assumptions=(*assumptions, *self._network_policies.on(paths)),
            problems=(*self._missing.on(paths), *self._proxies.unread.on(paths), *self._refused.on(paths)),
        )

    def _written(self, paths: tuple[Path, ...], assumptions: dict[str, None]) -> tuple[Path, ...]:
        if all(path.is_well for path in paths):
            return paths
        from meshscope.simulation.journey.written import Written  # what goes well is nobody's fault

        written = Written(self._mesh)
        paths = tuple(written.named(paths))
        if written.assumption:
            assumptions[written.assumption] = None
        return paths

    def _paths(self, request: Request, assumptions: dict[str, None], *, explain: bool) -> Iterator[Path]:
        source = self._source(request)
        if source.assumption:
            assumptions[source.assumption] = None
        options = TraceOptions(at=self._at, claims=request.jwt, explain=explain, internal=request.internal)
        if request.route_config:
            yield from self._table_alone(request, source, options)
            return
        if only := self._only_table(request, source):
            assuming = f"the request reaches route configuration {only}: nothing else of {source.name} was captured"
            yield from self._table_alone(replace(request, route_config=only), source, options, (assuming,))
            return
        for start in self._starts.of(request, source):
            proxy = start.arrival.proxy
            if proxy is not None and not proxy.captured.envoy_version:
                assumptions["the newest Envoy (no version in this input)"] = None
            yield from self._follow(PartialPath(), start.arrival, start.connection, start.http, options)

    def _source(self, request: Request) -> RequestSource:
        if request.source or not (request.listener or request.route_config):
            if request.source not in self._sources:
                self._sources[request.source] = source_of(self._mesh, self._network, request.source)
            return self._sources[request.source]
        return of_proxy(self._mesh, self._network, self._holder(request)) if self._mesh.proxies else OUTSIDE

    def _holder(self, request: Request) -> Proxy:
        """The proxy that has the named listener or route table. Raises UsageError where none, or not one, has."""
        for proxy in self._mesh.proxies:
            compiled = self._proxies.compiled(proxy)
            if request.listener and compiled.downstream.listeners.named(request.listener):
                return proxy
            if request.route_config and compiled.managers.table(request.route_config):
                return proxy
        if request.listener:
            raise UsageError(f"no proxy has a listener {request.listener!r}")
        raise UsageError(f"no proxy has a route configuration {request.route_config!r}")

    def _only_table(self, request: Request, source: RequestSource) -> str:
        """The route table of a proxy of which nothing else was captured, as `istioctl proxy-config routes` writes it; "" where
        there is none, or more than one.
        """
        proxy = source.proxy
        if proxy is None or request.listener or proxy.account.by_kind.keys() != {ROUTES}:
            return ""
        names = {resource.name for resource in proxy.resources(ROUTES)}
        return names.pop() if len(names) == 1 else ""

    def _table_alone(
        self, request: Request, source: RequestSource, options: TraceOptions, assuming: tuple[str, ...] = ()
    ) -> Iterator[Path]:
        from meshscope.simulation.journey.lone_table import through_table  # most requests come to a listener

        if source.proxy is None:
            raise UsageError(f"no proxy has a route configuration {request.route_config!r}")
        return through_table(self._proxies.compiled(source.proxy), request, source, self._network, options, assuming)

    # --- proxy after proxy -----------------------------------------------------------------------------------------

    def _follow(
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
        path = replace(path, visited=path.visited | {state})
        for draft in through_proxy(proxy, arrival, connection, request, options):
            if draft.end is not None and draft.end.by_client:
                yield path.refused(draft)
                continue
            visit = _Visit(proxy, draft.inner or connection, request, options)
            yield from self._go_on(path.with_draft(draft), draft, visit)

    def _unseen(self, path: PartialPath, arrival: Arrival) -> PartialPath:
        """Where no proxy has seen the request, and nothing of this input is there, nobody knows what becomes of it."""
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
            yield from self._follow(path, arrival, inside, request, visit.options)
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
            yield from self._follow(path, arrival, there, request, visit.options)


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


def trace(  # noqa: PLR0913  # all but two are options
    mesh: Mesh,
    request: Request,
    *,
    explain: bool = True,
    max_paths: int = MAX_PATHS,
    at: str = "",
    work: Work = UNFOLLOWED,
) -> Trace:
    """What the mesh does with a request. `explain=False` decides without building steps. `at` is the time (RFC 3339).

    Raises UsageError for a source, listener or destination that does not exist, CancelledError.
    """
    simulator = mesh.derived(("simulator", at), lambda: Simulator(mesh, at=at))
    return simulator.trace(request, explain=explain, max_paths=max_paths, work=work)
