"""A request at a connection manager: route, HTTP filters, router; every way in which it goes on or ends.

The route is chosen before any filter runs, and a missing one does not stop them: RBAC or the check of a token may answer
before the router's 404. A filter that clears the route cache has the route chosen again.
https://www.envoyproxy.io/docs/envoy/latest/intro/life_of_a_request
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.connection_manager.upgrades import check_upgrade
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_ROUTE, End
from meshscope.simulation.http_filters.delay import after_delay
from meshscope.simulation.http_filters.filter import FilterContext, Reroute
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.outcome import Outcome, StageContext
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.local_replies import direct_response, with_body, with_response_headers
from meshscope.simulation.proxy.manager_context import ManagerContext
from meshscope.simulation.proxy.router import Router
from meshscope.simulation.proxy.routing_stage import Routing, routings

_MOST_REROUTES = 4


def answer(draft: Draft, context: ManagerContext, request: HttpRequest) -> Iterator[Draft]:
    """Every way in which the request goes on or ends. For a local reply to gRPC the access log has 200."""
    mappers = context.proxy.managers.reply_mappers(context.manager) if context.manager else None
    for way in _ways(draft, context, request):
        if mappers is not None:
            way = mappers.applied(way, request, context.connection, context.proxy.envoy)  # noqa: PLW2901  # as the client gets it
        response = way.end.response if way.end else None
        if way.end and response and response.code and is_grpc(request):
            yield replace(way, end=End(way.end.disposition, replace(response, code=200)))
        else:
            yield way


def _ways(
    draft: Draft, context: ManagerContext, request: HttpRequest, *, resume: int = 0, reroutes: int = 0
) -> Iterator[Draft]:
    """Through routing, the filters from `resume` on, and the router, after so many `reroutes`."""
    for branch, routing in routings(draft, context, request):
        if branch.end is not None:
            yield branch
            continue
        refused = _upgrade(context, routing, request)
        if isinstance(refused.value, End):
            yield branch.after(refused)
            continue
        for outcome in _filtered(context, routing, request, resume):
            after, value = branch.after(outcome), outcome.value
            if isinstance(value, End):
                yield _with_headers(after, routing, request, context)
            elif isinstance(value, Reroute) and reroutes < _MOST_REROUTES:
                anew = after.with_hop(virtual_host=None, route=None, virtual_cluster=None)
                yield from _ways(anew, context, value.request, resume=value.resume, reroutes=reroutes + 1)
            else:
                passed = value.request if isinstance(value, Reroute) else value
                for way in _at_the_router(after, context, routing, passed):
                    yield replace(way, end=after_delay(way.end, passed)) if way.end else way


def _upgrade(context: ManagerContext, routing: Routing, request: HttpRequest) -> Outcome[HttpRequest]:
    """Whether the route lets the request be upgraded; decided before any filter, and only where there is a route."""
    route = routing.scope.route
    if context.manager is None or route is None:
        return Outcome(request)
    allowed = route.route.upgrade_configs if route.route else ()
    stage = StageContext(context.proxy.envoy, routing.scope.route_location, context.explain)
    return check_upgrade(request, context.manager, allowed, stage)


def _filtered(
    context: ManagerContext, routing: Routing, request: HttpRequest, resume: int
) -> tuple[Outcome[HttpRequest | Reroute], ...]:
    if context.filters is None:
        return (Outcome(request),)
    filter_context = FilterContext(
        connection=context.connection,
        route=routing.scope,
        envoy=context.proxy.envoy,
        terminates_tls=context.terminates_tls,
        options=context.options,
    )
    return context.filters.walk(request, filter_context, resume)


def _at_the_router(draft: Draft, context: ManagerContext, routing: Routing, request: HttpRequest) -> Iterator[Draft]:
    if routing.end is not None:
        yield _with_headers(replace(draft, end=routing.end), routing, request, context)
        return
    route, action, host = routing.scope.route, routing.action, routing.host
    if route is None or action is None or host is None:
        yield draft.ended(NO_ROUTE)
    elif route.redirect is not None:
        end = End(Disposition.REDIRECT, action.redirect.answer(request))
        draft = _with_headers(replace(draft, end=end), routing, request, context)
        yield with_body(draft, context.manager, request, route.redirect.code)
    elif route.direct_response is not None:
        end = End(Disposition.DIRECT_RESPONSE, direct_response(route.direct_response, request))
        draft = _with_headers(replace(draft, end=end), routing, request, context)
        yield with_body(draft, context.manager, request, route.direct_response.status, route.direct_response)
    elif routing.choice is not None:
        router = Router(context.client, action, host, route, context.filters.alpn if context.filters else None)
        yield from router.forward(draft, routing.choice, request)


def _with_headers(draft: Draft, routing: Routing, request: HttpRequest, context: ManagerContext) -> Draft:
    entry = routing.choice.entry if routing.choice else None
    return with_response_headers(draft, routing.action, entry, request, context.connection)
