"""A request at a connection manager: route, HTTP filters, router; every way in which it goes on or ends.

The route is chosen before any filter runs, and a missing one does not stop them: RBAC or the check of a token may answer
before the router's 404. A filter that clears the route cache has the route chosen again; which filters there are, and whether
an upgrade is allowed, stays as the first route said.
https://www.envoyproxy.io/docs/envoy/latest/intro/life_of_a_request
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.connection_manager.upgrades import check_upgrade, filters_entry
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_ROUTE, End
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.http_filters.afterwards import end_of
from meshscope.simulation.http_filters.body import body_of
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.http_filters.filter import FilterContext, Reroute, RouteScope
from meshscope.simulation.http_filters.header_facts import header_facts
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.outcome import Outcome, StageContext
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.manager_context import ManagerContext
from meshscope.simulation.proxy.router import Router
from meshscope.simulation.proxy.routing_stage import Routing, routings
from meshscope.simulation.proxy.sending import decided_later, sent_through

_MOST_REROUTES = 4


class _Stream(Struct, frozen=True):
    """A request and its list of filters; `first` is the route that was chosen first, before so many `reroutes`."""

    context: ManagerContext
    filters: HttpFilters | None
    first: RouteScope
    reroutes: int = 0

    def at(self, routing: Routing) -> FilterContext:
        """What filters see while this is the route."""
        context = self.context
        return FilterContext(
            connection=context.connection,
            route=routing.scope,
            first=None if self.first is routing.scope else self.first,
            envoy=context.proxy.envoy,
            terminates_tls=context.terminates_tls,
            options=context.options,
            unreachable=lambda cluster: _why_unreachable(context.proxy, cluster),
            cluster=context.proxy.upstream.named,
        )


Ways = Iterator[tuple[Draft, FilterContext | None, HttpFilters | None]]
"""Each way, with the filters that see the answer to it and what they see; None where there are none yet."""


def answer(draft: Draft, context: ManagerContext, request: HttpRequest) -> Iterator[Draft]:
    """Every way in which the request goes on or ends. For a local reply to gRPC the access log has 200."""
    request = replace(request, grpc=is_grpc(request), later=(), body="")
    request = replace(request, body="yes" if request.upgrade else body_of(request))  # an upgraded stream stays open
    mappers = context.proxy.managers.reply_mappers(context.manager) if context.manager else None
    for way, seen, filters in _ways(draft, context, request):
        if mappers is not None:
            facts = seen or FilterContext(connection=context.connection, envoy=context.proxy.envoy)
            way = mappers.applied(way, request, facts)  # noqa: PLW2901  # as the client gets it
        response = way.end.response if way.end else None
        if not way.end or not response or not response.code:
            yield way
            continue
        end = End(way.end.disposition, replace(response, code=200)) if request.grpc else way.end
        yield from as_answered(replace(way, end=end), request, filters, seen)


def as_answered(
    draft: Draft, request: HttpRequest, filters: HttpFilters | None, seen: FilterContext | None
) -> Iterator[Draft]:
    """An answer of Envoy's own, or the one that a filter gives in its place."""
    if draft.end is None or filters is None or seen is None or not filters.has_answering:
        yield draft
        return
    for outcome in filters.answered(draft.end, request, seen):
        yield draft.after(outcome)


def _ways(draft: Draft, context: ManagerContext, request: HttpRequest) -> Ways:
    """Through routing, the filters, and the router."""
    for branch, routing in routings(draft, context, request):
        if branch.end is not None:
            yield branch, None, None
            continue
        refused = _upgrade(context, routing, request)
        stream = _Stream(context, _filters(context, routing, request), routing.scope)
        if isinstance(refused.value, End):
            seen = stream.at(routing)
            yield _with_headers(branch.after(refused), routing, header_facts(request, seen)), seen, stream.filters
        else:
            yield from _through(branch, stream, routing, request)


def _through(draft: Draft, stream: _Stream, routing: Routing, request: HttpRequest, resume: int = 0) -> Ways:
    """Through the filters from `resume` on, and the router."""
    context, seen = stream.context, stream.at(routing)
    outcomes = stream.filters.walk(request, seen, resume) if stream.filters else (Outcome(request),)
    for outcome in outcomes:
        after, value = draft.after(outcome), outcome.value
        if isinstance(value, End):
            yield _with_headers(after, routing, header_facts(request, seen)), seen, stream.filters
        elif isinstance(value, Reroute) and stream.reroutes < _MOST_REROUTES:
            anew = after.with_hop(virtual_host=None, route=None, virtual_cluster=None, cluster=None)
            later = replace(stream, reroutes=stream.reroutes + 1)
            for branch, again in routings(anew, context, value.request):
                if branch.end is not None:
                    yield branch, None, None
                else:
                    yield from _through(branch, later, again, value.request, value.resume or 0)
        else:
            passed = value.request if isinstance(value, Reroute) else value
            for way in _at_the_router(after, stream, routing, passed):
                yield replace(way, end=end_of(way.end, passed)) if way.end else way, seen, stream.filters


def _upgrade(context: ManagerContext, routing: Routing, request: HttpRequest) -> Outcome[HttpRequest]:
    """Whether the route lets the request be upgraded; decided before any filter, and only where there is a route."""
    route = routing.scope.route
    if context.manager is None or not _has_route(routing):
        return Outcome(request)
    allowed = route.route.upgrade_configs if route and route.route else ()
    stage = StageContext(context.proxy.envoy, routing.scope.route_location, context.explain)
    return check_upgrade(request, context.manager, allowed, stage)


def _has_route(routing: Routing) -> bool:
    """The redirect of `require_tls` is a route, too, if none of the table."""
    required = routing.end is not None and routing.end.disposition is Disposition.REDIRECT
    return routing.scope.route is not None or required


def _filters(context: ManagerContext, routing: Routing, request: HttpRequest) -> HttpFilters | None:
    """Those of the connection manager, or its own ones for the upgrade."""
    protocol = request.upgrade
    if not protocol or context.manager is None:
        return context.filters
    entry = filters_entry(protocol, context.manager, has_route=_has_route(routing))
    if entry is None:
        return context.filters
    return context.proxy.managers.upgrade_filters(context.manager, entry, context.place)


def _at_the_router(draft: Draft, stream: _Stream, routing: Routing, request: HttpRequest) -> Iterator[Draft]:
    context, seen = stream.context, stream.at(routing)
    if routing.end is not None:
        yield _with_headers(replace(draft, end=routing.end), routing, header_facts(request, seen))
        return
    route, action, host = routing.scope.route, routing.action, routing.host
    if route is None or action is None or host is None:
        yield draft.ended(NO_ROUTE)
    elif route.redirect is not None or route.direct_response is not None:
        from meshscope.simulation.proxy.local_replies import RouteAnswer  # most routes forward

        entry = routing.choice.entry if routing.choice else None
        yield RouteAnswer(route, action, entry).to(draft, request, context.manager, seen)
    elif routing.choice is not None:
        router = Router(context.client, action, host, route, stream.filters)
        for way in router.forward(draft, routing.choice, request):
            for late in decided_later(way, request):
                yield from sent_through(_refused(late, routing, request, seen), context.proxy, seen)


def _refused(draft: Draft, routing: Routing, request: HttpRequest, seen: FilterContext) -> Draft:
    """The answer of the router itself, where it gives one, with the headers that the route adds: they see the request as it is
    sent, from the point on where it is asked for a host. A full circuit may have one.
    """
    if draft.end is None or draft.end.response is None:
        return draft
    hop = draft.hop
    sent = hop.request_headers
    if sent is not None:
        headers = tuple(pair for pair in sent if not pair[0].startswith(":"))
        request = replace(request, path=hop.rewritten.get("path", request.path), headers=headers)
    host_chosen = bool(hop.endpoints) or (sent is not None and "UO" in draft.end.response.flags)
    facts = header_facts(request, seen, host_chosen=host_chosen)
    if facts.cluster:
        facts = replace(facts, virtual_cluster=hop.virtual_cluster or "")
    return _with_headers(draft, routing, facts)


def _with_headers(draft: Draft, routing: Routing, facts: SubstitutionFacts) -> Draft:
    if routing.action is None or draft.end is None:
        return draft
    from meshscope.simulation.proxy.local_replies import with_response_headers  # most requests are forwarded

    entry = routing.choice.entry if routing.choice else None
    return with_response_headers(draft, routing.action, entry, facts)


def _why_unreachable(proxy: CompiledProxy, cluster: str) -> str:
    from meshscope.simulation.proxy.services import why_unreachable  # few filters ask a service

    return why_unreachable(proxy, cluster)
