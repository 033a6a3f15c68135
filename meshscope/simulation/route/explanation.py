"""Why each route that was not chosen lost: its first predicate that fails, in Envoy's order, and near misses first."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.location import Location
from meshscope.simulation.matching.cookie import cookie_because, cookie_matches
from meshscope.simulation.matching.filter_state import filter_state_because, filter_state_matches
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.matching.metadata import metadata_because, metadata_matches
from meshscope.simulation.matching.path import path_because
from meshscope.simulation.matching.query import query_because, query_matches
from meshscope.simulation.route.compiled import CompiledRoute
from meshscope.simulation.route.conditions import Asking, grpc, tls_context
from meshscope.simulation.runtime_fraction import holds
from meshscope.simulation.trace import Rejected
from meshscope.simulation.verdict import NO, YES, Verdict
from meshscope.xds.message import present
from meshscope.xds.route_match import TlsContextMatch

_BEHIND = 50
"""Nearness of a route that would match but stands behind the chosen one; one that would not is farther."""


def explain_routes(
    routes: tuple[CompiledRoute, ...], asking: Asking, chosen: int | None, *, location: Location | None = None
) -> tuple[Rejected, ...]:
    """All routes but the chosen one (`chosen` None: no route), near misses first. `location` is the virtual host's.

    `routes` and `asking` come from `CompiledVirtualHost.candidates` and `.asking`.
    """
    found = [_rejected(route, asking, chosen, location) for route in routes if route.index != chosen]
    return tuple(sorted(found, key=lambda rejected: rejected.near))


def _rejected(route: CompiledRoute, asking: Asking, chosen: int | None, location: Location | None) -> Rejected:
    name = f"routes[{route.index}] {route.route.name or route.match.path_specifier()}"
    place = location.below(("routes", route.index)) if location else None
    failing = [because for verdict, because in _predicates(route, asking) if verdict.is_no]
    if chosen is not None and route.index > chosen:
        return Rejected(name, f"routes[{chosen}] matched before", place, _BEHIND + len(failing), after_chosen=True)
    if not failing:
        return Rejected(name, "it may match; not everything that it asks for is known", place, 0)
    return Rejected(name, failing[0], place, len(failing))


def _predicates(route: CompiledRoute, asking: Asking) -> Iterator[tuple[Verdict, str]]:
    """Each predicate with the words for its failure."""
    match, request, envoy = route.match, asking.request, asking.envoy
    yield from _fraction(route, asking)
    if present(match.grpc):
        there = next((f"is {value!r}" for value in request.values("content-type")), "is absent")
        yield grpc(match, asking), f"content-type {there}; gRPC was asked"
    for header in match.headers:
        verdict = header_matches(header, request, envoy, individually=asking.individually)
        yield verdict, header_because(header, request)
    for parameter in match.query_parameters:
        yield query_matches(parameter, asking.parameters, envoy), query_because(parameter, asking.parameters)
    for cookie in match.cookies:
        yield cookie_matches(cookie, asking.cookies, envoy), cookie_because(cookie, asking.cookies)
    yield tls_context(match, asking), f"a client certificate {_certificate(match.tls_context)} was asked"
    for wanted in match.dynamic_metadata:
        yield metadata_matches(wanted, request.metadata, envoy), metadata_because(wanted, request.metadata)
    for state in match.filter_state:
        yield filter_state_matches(state, asking.settable), filter_state_because(state)
    if not request.path and not route.is_connect:
        yield NO, "the request has no path; only a connect_matcher takes it"
    else:
        yield route.path_holds(asking.path, asking.whole_path, request, envoy), path_because(match, asking.path)


def _fraction(route: CompiledRoute, asking: Asking) -> Iterator[tuple[Verdict, str]]:
    """A share of requests that nobody drew is no failure, unless it is none."""
    fraction, random = route.fraction(asking), asking.request.random
    if fraction is not None:
        fails = fraction.numerator == 0 if random is None else not holds(fraction, random)
        yield NO if fails else YES, f"runtime_fraction {fraction} leaves this request out"


def _certificate(asked: TlsContextMatch | None) -> str:
    wanted = {"presented": asked.presented, "validated": asked.validated} if asked else {}
    return " and ".join(f"{'' if value else 'not '}{what}" for what, value in wanted.items() if value is not None)
