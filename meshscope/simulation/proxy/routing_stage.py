"""From a route table to a route and its cluster: virtual host, route, weighted cluster; every possible choice.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/route_matching
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.envoy.resource import ROUTES
from meshscope.location import Location
from meshscope.mesh.owners import made_from
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_VIRTUAL_HOST, UNKNOWN, End
from meshscope.simulation.http_filters.filter import NO_SCOPE, RouteScope
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.manager_context import ManagerContext
from meshscope.simulation.proxy.missing import assumed_missing
from meshscope.simulation.proxy.unread import VIRTUAL_HOST
from meshscope.simulation.route.choice import choose_route
from meshscope.simulation.route.cluster_choice import ClusterChoice
from meshscope.simulation.route.compiled import ChosenRoute, CompiledVirtualHost
from meshscope.simulation.route.explanation import explain_routes
from meshscope.simulation.route.table import CompiledAction, CompiledTable
from meshscope.simulation.route.virtual_hosts import FoundVirtualHost
from meshscope.simulation.trace import Rejected, RouteRef, Step, StepKind
from meshscope.simulation.verdict import Truth, Verdict
from meshscope.xds.message import Undecodable
from meshscope.xds.route import VirtualHost

DYNAMIC_FORWARD_PROXY_FILTER = "envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig"


class Routing(Struct, frozen=True):
    """Where a request stands after routing. `end` is the route's own answer, given once the filters have run."""

    scope: RouteScope
    host: VirtualHost | None = None
    action: CompiledAction | None = None
    choice: ClusterChoice | None = None
    end: End | None = None


class _Host(Struct, frozen=True):
    """A virtual host in its table."""

    table: CompiledTable
    match: FoundVirtualHost
    compiled: CompiledVirtualHost

    @property
    def location(self) -> Location:
        return self.table.host_location(self.match.index)


NO_ROUTING = Routing(NO_SCOPE)


def routings(draft: Draft, context: ManagerContext, request: HttpRequest) -> Iterator[tuple[Draft, Routing]]:
    """Every way of routing the request. A draft with an end stops before the filters: its route is unknown."""
    if context.scoped is not None:
        found = context.scoped.of(request)
        draft = draft.with_steps(found.step).with_hop(route_config=found.name or None)
        if found.table is None:
            draft = draft.assumed(found.assuming)
            yield (
                (draft.ended(UNKNOWN), NO_ROUTING)
                if found.is_unknown
                else (draft, Routing(NO_SCOPE, end=NO_VIRTUAL_HOST))
            )
            return
        context = replace(context, table=found.table, table_name=found.name)
    table = context.table
    draft = draft.with_hop(route_config=context.table_name)
    if table is None:
        yield _no_table(draft, context)
        return
    match = table.hosts.find(request.authority, request)
    if isinstance(match, Verdict):
        yield _no_virtual_host(draft, context, table, request, match)
        return
    compiled = table.hosts.compiled(match.index)
    draft = draft.with_hop(virtual_host=match.name)
    if isinstance(compiled, Undecodable):
        because = f"does not read: {compiled.why}"
        step = Step(kind=StepKind.VIRTUAL_HOST, chosen=match.name, verdict=Truth.UNKNOWN, because=because)
        name, at = f"{context.table_name}/{match.name}", table.host_location(match.index)
        context.proxy.unread.note(context.proxy.captured, VIRTUAL_HOST, name, at, compiled.why)
        assuming = (f"virtual host {name} does not read: {compiled.why}",)
        yield draft.with_steps(step).ended(UNKNOWN, assuming=assuming), NO_ROUTING
        return
    draft = draft.with_hop(virtual_cluster=table.virtual_clusters(match.index, compiled.host).name(request) or None)
    if context.explain:
        draft = draft.with_steps(_virtual_host_step(table, match, request))
    host = _Host(table, match, compiled)
    for outcome in choose_route(compiled, request, context.connection, context.proxy.envoy):
        yield from _routed(draft.after(outcome), context, host, request, outcome)


def _no_table(draft: Draft, context: ManagerContext) -> tuple[Draft, Routing]:
    because = f"route configuration {context.table_name!r} is not in this input"
    assuming = assumed_missing(context.proxy.captured, ROUTES, because)
    step = Step(kind=StepKind.VIRTUAL_HOST, verdict=Truth.UNKNOWN if assuming else Truth.NO, because=because)
    return draft.with_steps(step).assumed(assuming), Routing(NO_SCOPE, end=NO_VIRTUAL_HOST)


def _no_virtual_host(
    draft: Draft, context: ManagerContext, table: CompiledTable, request: HttpRequest, verdict: Verdict
) -> tuple[Draft, Routing]:
    step = Step(kind=StepKind.VIRTUAL_HOST, verdict=verdict.answer, because=verdict.because, location=table.location)
    if verdict.is_unknown:
        if table.hosts.flaws:
            name = context.table_name
            context.proxy.unread.note(context.proxy.captured, ROUTES, name, table.location, verdict.because)
        assuming = (f"route configuration {context.table_name}: {verdict.because}",)
        return draft.with_steps(step).ended(UNKNOWN, assuming=assuming), NO_ROUTING
    if context.explain:
        step = replace(step, rejected=table.hosts.explain(request.authority, request, location=table.location))
    return draft.with_steps(step), Routing(NO_SCOPE, end=NO_VIRTUAL_HOST)


def _virtual_host_step(table: CompiledTable, match: FoundVirtualHost, request: HttpRequest) -> Step:
    return Step(
        kind=StepKind.VIRTUAL_HOST,
        chosen=match.name,
        because=f"domain {match.domain}",
        rejected=table.hosts.explain(request.authority, request, location=table.location, limit=5),
        location=table.host_location(match.index),
    )


def _routed(
    draft: Draft, context: ManagerContext, host: _Host, request: HttpRequest, outcome: Outcome[ChosenRoute]
) -> Iterator[tuple[Draft, Routing]]:
    chosen = outcome.value
    if isinstance(chosen, End):
        yield _no_route(draft, context, host, request, chosen)
        return
    route, at = chosen.route, host.location.below(("routes", chosen.index))
    action = host.table.tools(host.match.index, host.compiled.host, route)
    draft = draft.with_hop(route=RouteRef(chosen.index, route.name, dict(route.metadata.filter_metadata)))
    if context.explain:
        step = Step(
            kind=StepKind.ROUTE,
            chosen=f"{chosen.index} {route.name}".strip(),
            because=" · ".join(filter(None, (str(route.match), outcome.condition))),
            rejected=_rejected(context, host, request, chosen.index),
            owner=made_from(route.metadata, route.name, context.client.proxy.mesh),
            location=at,
        )
        draft = draft.with_steps(step)
    scope = RouteScope(
        table=host.table.hosts.head,
        table_location=host.table.location,
        virtual_host=host.compiled.host,
        virtual_host_location=host.location,
        route=route,
        route_location=at,
    )
    routing = Routing(scope, host.compiled.host, action)
    if route.redirect or route.direct_response:
        yield draft, routing
        return
    for to_cluster in action.clusters.choose(request, context.connection, random=chosen.random):
        yield _to_cluster(draft.after(to_cluster), context, routing, to_cluster)


def _no_route(
    draft: Draft, context: ManagerContext, host: _Host, request: HttpRequest, end: End
) -> tuple[Draft, Routing]:
    if end.disposition is Disposition.UNKNOWN:
        return draft, NO_ROUTING
    rejected = _rejected(context, host, request, None)
    step = Step(
        kind=StepKind.ROUTE,
        verdict=Truth.NO,
        because=end.response.details if end.response else "",
        rejected=rejected,
        owner=_nearest_owner(rejected, context, host),
        location=host.location,
    )
    # without a route no per-filter configuration of the virtual host or the table counts
    return replace(draft, end=None).with_steps(step), Routing(NO_SCOPE, host.compiled.host, end=end)


def _nearest_owner(rejected: tuple[Rejected, ...], context: ManagerContext, host: _Host) -> str | None:
    """What made the route that came nearest; None where the virtual host has none."""
    place = rejected[0].location if rejected else None
    routes, index = host.compiled.host.routes, place.path[-1] if place else None
    if not isinstance(index, int) or index >= len(routes):
        return None
    return made_from(routes[index].metadata, routes[index].name, context.client.proxy.mesh)


def _to_cluster(
    draft: Draft, context: ManagerContext, routing: Routing, outcome: Outcome[ClusterChoice]
) -> tuple[Draft, Routing]:
    choice, scope = outcome.value, routing.scope
    name = (choice.name or "") if isinstance(choice, ClusterChoice) else ""
    if outcome.condition and context.explain:
        at = scope.route_location
        step = Step(kind=StepKind.WEIGHT, chosen=name, because=outcome.condition, location=at)
        draft = draft.with_steps(step)
    if isinstance(choice, End):
        return replace(draft, end=None), replace(routing, end=choice)
    # the access log names the cluster even where a filter answers
    draft = draft.with_hop(cluster=choice.name or None)
    forward_proxy = _is_forward_proxy(context, name)
    scope = replace(scope, weighted=choice.entry, cluster=name, forward_proxy=forward_proxy)
    return draft, replace(routing, scope=scope, choice=choice)


def _is_forward_proxy(context: ManagerContext, cluster: str) -> bool:
    """The filter goes by the name of the cluster's type. The cluster is looked at only where there is such a filter."""
    listed = context.manager.http_filters if context.manager else ()
    if not any(each.type_name == DYNAMIC_FORWARD_PROXY_FILTER for each in listed):
        return False
    found = context.proxy.upstream.cluster(cluster)
    return found is not None and found.cluster.discovery_type == "envoy.clusters.dynamic_forward_proxy"


def _rejected(context: ManagerContext, host: _Host, request: HttpRequest, chosen: int | None) -> tuple[Rejected, ...]:
    """The routes that lost; () without steps, and where the candidates themselves are unknown."""
    if not context.explain:
        return ()
    asking = host.compiled.asking(request, context.connection, context.proxy.envoy)
    candidates = host.compiled.candidates(asking)
    if not isinstance(candidates, tuple):
        return ()
    return explain_routes(candidates, asking, chosen, location=host.location)
