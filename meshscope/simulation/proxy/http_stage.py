"""From a request at the connection manager's route table to every way on: virtual host, route, HTTP filters, router.

The route is chosen before any filter runs, and a missing one does not stop them: RBAC or a token's check may answer
before the router says 404. A filter that clears the route cache has the route chosen anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.envoy.resource import ROUTES
from meshscope.mesh.owners import owner_of, written
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.connection_manager.upgrades import upgrade_refused
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_ROUTE, NO_VIRTUAL_HOST, UNKNOWN, End
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.http_filters.delay import after_delay
from meshscope.simulation.http_filters.filter import NO_SCOPE, FilterContext, Reroute, RouteScope
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.outcome import Outcome, StageContext
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.local_replies import with_body, with_response_headers
from meshscope.simulation.proxy.router import Routed
from meshscope.simulation.route.choice import choose_route
from meshscope.simulation.route.cluster_choice import ClusterChoice
from meshscope.simulation.route.compiled import ChosenRoute, CompiledVirtualHost
from meshscope.simulation.route.explanation import explain_routes
from meshscope.simulation.route.table import CompiledAction, CompiledTable
from meshscope.simulation.route.virtual_hosts import FoundVirtualHost
from meshscope.simulation.trace import RouteRef, Step, StepKind
from meshscope.simulation.verdict import Truth, Verdict
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.message import Undecodable
from meshscope.xds.route import VirtualHost

_MOST_REROUTES = 4


class ManagerContext(Struct, frozen=True, kw_only=True):
    """What does not change while a request is at one connection manager; `filters` None: a route table alone."""

    tools: CompiledProxy
    table: CompiledTable | None
    table_name: str
    connection: Connection
    filters: HttpFilters | None = None
    terminates_tls: bool | None = None
    at: str = ""
    claims: dict[str, Any] | None = None
    explain: bool = True
    manager: HttpConnectionManager | None = None


class _Found(Struct, frozen=True):
    """Where a request stands after routing. `end` is what the route itself answers, said once the filters have run."""

    scope: RouteScope
    host: VirtualHost | None = None
    tools: CompiledAction | None = None
    choice: ClusterChoice | None = None
    end: End | None = None


def answer(draft: Draft, asked: ManagerContext, request: HttpRequest) -> Iterator[Draft]:
    """Every way in which the request goes on or ends. Whatever Envoy itself answers to gRPC, the log shows 200."""
    mappers = asked.tools.reply_mappers(asked.manager) if asked.manager else None
    for way in _routed(draft, asked, request, 0, 0):
        if mappers is not None:
            way = mappers.applied(way, request, asked.connection, asked.tools.envoy)  # noqa: PLW2901  # as the client gets it
        response = way.end.response if way.end else None
        if way.end and response and response.code and is_grpc(request):
            yield replace(way, end=End(way.end.disposition, replace(response, code=200)))
        else:
            yield way


def _routed(draft: Draft, asked: ManagerContext, request: HttpRequest, start: int, turn: int) -> Iterator[Draft]:
    for branch, found in _routes(draft, asked, request):
        if branch.end is not None:
            yield branch
            continue
        refused = _upgrade(asked, found, request)
        if isinstance(refused.value, End):
            yield branch.after(refused)
            continue
        context = FilterContext(
            connection=asked.connection,
            route=found.scope,
            envoy=asked.tools.envoy,
            terminates_tls=asked.terminates_tls,
            at=asked.at,
            claims=asked.claims,
            explain=asked.explain,
        )
        ways = asked.filters.walk(request, context, start) if asked.filters else (Outcome(request),)
        for outcome in ways:
            after = branch.after(outcome)
            value = outcome.value
            if isinstance(value, End):
                yield _with_headers(after, found, request, asked)
            elif isinstance(value, Reroute) and turn < _MOST_REROUTES:
                yield from _routed(_unrouted(after), asked, value.request, value.resume, turn + 1)
            else:
                passed = value.request if isinstance(value, Reroute) else value
                for way in _at_the_router(after, asked, found, passed):
                    yield replace(way, end=after_delay(way.end, passed)) if way.end else way


def _upgrade(asked: ManagerContext, found: _Found, request: HttpRequest) -> Outcome[HttpRequest]:
    """Whether the route lets the request be upgraded; asked before any filter, and only where there is a route."""
    route = found.scope.route
    if asked.manager is None or route is None:
        return Outcome(request)
    allowed = route.route.upgrade_configs if route.route else ()
    return upgrade_refused(
        request, asked.manager, allowed, StageContext(asked.tools.envoy, found.scope.route_location, asked.explain)
    )


def _unrouted(draft: Draft) -> Draft:
    return draft.with_hop(virtual_host=None, route=None, virtual_cluster=None)


# --- virtual host and route ----------------------------------------------------------------------------------------


def _routes(draft: Draft, asked: ManagerContext, request: HttpRequest) -> Iterator[tuple[Draft, _Found]]:
    table = asked.table
    draft = draft.with_hop(route_config=asked.table_name)
    if table is None:
        because = f"route configuration {asked.table_name!r} is not in this input"
        assuming = asked.tools.missing(ROUTES, because)
        step = Step(kind=StepKind.VIRTUAL_HOST, verdict=Truth.UNKNOWN if assuming else Truth.NO, because=because)
        yield (
            draft.with_steps(step).assumed(assuming),
            _Found(NO_SCOPE, end=NO_VIRTUAL_HOST),
        )
        return
    found = table.hosts.find(request.authority, request)
    if isinstance(found, Verdict):
        yield _no_virtual_host(draft, asked, table, request, found)
        return
    compiled = table.hosts.compiled(found.index)
    draft = draft.with_hop(virtual_host=found.name)
    if isinstance(compiled, Undecodable):
        step = Step(
            kind=StepKind.VIRTUAL_HOST,
            chosen=found.name,
            verdict=Truth.UNKNOWN,
            because=f"does not read: {compiled.why}",
        )
        yield draft.with_steps(step).ended(UNKNOWN), _Found(NO_SCOPE)
        return
    clusters = table.virtual_clusters(found.index, compiled.host)
    draft = draft.with_hop(virtual_cluster=clusters.name(request) or None)
    if asked.explain:
        draft = draft.with_steps(_virtual_host_step(table, found, request))
    for outcome in choose_route(compiled, request, asked.connection, asked.tools.envoy):
        yield from _route(draft, asked, table, found, compiled, request, outcome)


def _no_virtual_host(
    draft: Draft, asked: ManagerContext, table: CompiledTable, request: HttpRequest, verdict: Verdict
) -> tuple[Draft, _Found]:
    if verdict.is_unknown:
        step = Step(kind=StepKind.VIRTUAL_HOST, verdict=Truth.UNKNOWN, because=verdict.because, location=table.location)
        return draft.with_steps(step).ended(UNKNOWN), _Found(NO_SCOPE)
    lost = table.hosts.explain(request.authority, request, location=table.location) if asked.explain else ()
    step = Step(
        kind=StepKind.VIRTUAL_HOST, verdict=Truth.NO, because=verdict.because, rejected=lost, location=table.location
    )
    return draft.with_steps(step), _Found(NO_SCOPE, end=NO_VIRTUAL_HOST)


def _virtual_host_step(table: CompiledTable, found: FoundVirtualHost, request: HttpRequest) -> Step:
    return Step(
        kind=StepKind.VIRTUAL_HOST,
        chosen=found.name,
        because=f"domain {found.domain}",
        rejected=table.hosts.explain(request.authority, request, location=table.location, limit=5),
        location=table.host_location(found.index),
    )


def _scope(table: CompiledTable, **more: Any) -> RouteScope:
    return RouteScope(table=table.hosts.head, table_location=table.location, **more)


def _route(  # noqa: PLR0913, PLR0917  # a route and all that it stands in
    draft: Draft,
    asked: ManagerContext,
    table: CompiledTable,
    found: FoundVirtualHost,
    compiled: CompiledVirtualHost,
    request: HttpRequest,
    outcome: Outcome[ChosenRoute],
) -> Iterator[tuple[Draft, _Found]]:
    host, place = compiled.host, table.host_location(found.index)
    branch = draft.after(outcome)
    value = outcome.value
    if isinstance(value, End):
        if value.disposition is Disposition.UNKNOWN:
            yield branch, _Found(NO_SCOPE)
            return
        step = _route_step(asked, compiled, request, None, place, value.response.details if value.response else "")
        # without a route nothing that the virtual host or the table say to filters counts
        yield replace(branch, end=None).with_steps(step), _Found(NO_SCOPE, host, end=value)
        return
    route, at = value.route, place.below(("routes", value.index))
    tools = table.tools(found.index, host, route)
    branch = branch.with_hop(route=RouteRef(value.index, route.name, dict(route.metadata.filter_metadata)))
    if asked.explain:
        owner = written(owner_of(route.metadata))
        because = " · ".join(filter(None, (str(route.match), outcome.condition)))
        step = _route_step(asked, compiled, request, value.index, place, because)
        branch = branch.with_steps(
            replace(step, chosen=f"{value.index} {route.name}".strip(), owner=owner, location=at)
        )
    scope = _scope(table, virtual_host=host, virtual_host_location=place, route=route, route_location=at)
    if route.redirect or route.direct_response:
        yield branch, _Found(scope, host, tools)
        return
    for chosen in tools.clusters.choose(request, asked.connection, random=value.random):
        after = branch.after(chosen)
        if chosen.condition and asked.explain:
            why = Step(kind=StepKind.WEIGHT, chosen=_name(chosen), because=chosen.condition, location=at)
            after = after.with_steps(why)
        if isinstance(chosen.value, End):
            yield replace(after, end=None), _Found(scope, host, tools, end=chosen.value)
        else:
            # the access log names the cluster even where a filter answers
            after = after.with_hop(cluster=chosen.value.name or None)
            weighted = replace(scope, weighted=chosen.value.entry, cluster=chosen.value.name or "")
            yield after, _Found(weighted, host, tools, chosen.value)


def _name(chosen: Outcome[ClusterChoice]) -> str:
    return (chosen.value.name or "") if isinstance(chosen.value, ClusterChoice) else ""


def _route_step(  # noqa: PLR0913, PLR0917  # a step and all that it tells
    asked: ManagerContext,
    compiled: CompiledVirtualHost,
    request: HttpRequest,
    index: int | None,
    place: Any,
    because: str,
) -> Step:
    lost: tuple[Any, ...] = ()
    if asked.explain:
        asking = compiled.asking(request, asked.connection, asked.tools.envoy)
        routes = compiled.candidates(asking)
        lost = explain_routes(routes, asking, index, location=place) if isinstance(routes, tuple) else ()
    return Step(
        kind=StepKind.ROUTE,
        verdict=Truth.YES if index is not None else Truth.NO,
        because=because,
        rejected=lost,
        location=place,
    )


# --- router --------------------------------------------------------------------------------------------------------


def _at_the_router(draft: Draft, asked: ManagerContext, found: _Found, request: HttpRequest) -> Iterator[Draft]:
    if found.end is not None:
        yield _with_headers(replace(draft, end=found.end), found, request, asked)
        return
    route, tools, host = found.scope.route, found.tools, found.host
    if route is None or tools is None or host is None:
        yield draft.ended(NO_ROUTE)
    elif route.redirect is not None:
        end = End(Disposition.REDIRECT, tools.redirect.answer(request))
        draft = _with_headers(replace(draft, end=end), found, request, asked)
        yield with_body(draft, asked.manager, request, route.redirect.code)
    elif route.direct_response is not None:
        from meshscope.simulation.proxy.local_replies import direct_response  # few routes answer by themselves

        end = End(Disposition.DIRECT_RESPONSE, direct_response(route.direct_response, request))
        draft = _with_headers(replace(draft, end=end), found, request, asked)
        yield with_body(draft, asked.manager, request, route.direct_response.status, route.direct_response)
    elif found.choice is not None:
        routed = Routed(asked.tools, tools, host, route, asked.filters.alpn if asked.filters else None)
        yield from routed.forward(draft, found.choice, request, asked.connection, explain=asked.explain)


def _with_headers(draft: Draft, found: _Found, request: HttpRequest, asked: ManagerContext) -> Draft:
    entry = found.choice.entry if found.choice else None
    return with_response_headers(draft, found.tools, entry, request, asked.connection)
