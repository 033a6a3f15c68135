"""A request's whole way, proxy after proxy: every possible outcome with its hops. Loops end.

A Simulator compiles each proxy once and answers thousands of requests; `trace` keeps one for each mesh.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.envoy.resource import ROUTES
from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.journey.arrivals import Arrivals
from meshscope.simulation.journey.missing_documents import MissingDocuments
from meshscope.simulation.journey.network_policies import NetworkPolicies
from meshscope.simulation.journey.partial_path import PartialPath, limited
from meshscope.simulation.journey.refused_files import RefusedFiles
from meshscope.simulation.journey.refused_updates import RefusedUpdates
from meshscope.simulation.journey.source import OUTSIDE, RequestSource, of_proxy, source_of
from meshscope.simulation.journey.starts import Starts
from meshscope.simulation.journey.way import Way
from meshscope.simulation.proxy.proxies import Proxies
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path, Trace
from meshscope.simulation.trace_options import TraceOptions
from meshscope.work import UNFOLLOWED, Work

MAX_PATHS = 64


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
        way = Way(self._arrivals)
        for start in self._starts.of(request, source):
            if start.assumption:
                assumptions[start.assumption] = None
            proxy = start.arrival.proxy
            if proxy is not None and not proxy.captured.envoy_version:
                assumptions["the newest Envoy (no version in this input)"] = None
            yield from way.paths(PartialPath(), start.arrival, start.connection, start.http, options)

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
