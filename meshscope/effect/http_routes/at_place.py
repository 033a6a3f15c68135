"""The rules of a VirtualService against one virtual host of a proxy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.clusters.missing import why_missing
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.comparison import Actual, Pair, compared, leftover
from meshscope.effect.http_routes.expected import Expected
from meshscope.effect.http_routes.facts import facts_of
from meshscope.effect.http_routes.ownership import actual_routes, ended_by
from meshscope.effect.http_routes.places import Place
from meshscope.effect.http_routes.table_index import indexed
from meshscope.effect.http_routes.winner import why_it_won
from meshscope.effect.outcome import Outcome
from meshscope.effect.static_conditions import MESH
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.istio.hosts import CLUSTER_DOMAIN
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.location import Location
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_host_at, virtual_host_names
from meshscope.path import Path
from meshscope.xds.message import Undecodable
from meshscope.xds.route import Route, VirtualHost

_WHOLE: Path = ("spec", "http")


def outcomes_at(
    configuration: Configuration,
    client: Client,
    place: Place,
    owner: Written[VirtualService],
    expected: Sequence[Expected],
) -> Iterator[Outcome]:
    """One for each match. `owner` is the VirtualService that the routes are made of."""
    for one in expected:
        if one.route is None:
            yield Outcome(
                one.path,
                State.UNKNOWN if one.is_open else State.NOT_IN_EFFECT,
                one.because,
                is_meant=one.is_meant,
                is_local=one.is_local,
                origin=one.origin,
            )
    if not any(one.route for one in expected):
        return
    table = client.tables.get(place.table)
    if table is None:
        yield from _all(expected, place, *_without_table(client, place))
        return
    index = _index(table, place)
    host = virtual_host_at(table, index) if index is not None else None
    if index is None or not isinstance(host, VirtualHost):
        yield from _all(expected, place, *_without_host(place, table, host if isinstance(host, Undecodable) else None))
        return
    actual = actual_routes(configuration.mesh, host, owner)
    ended = ended_by(place, owner, actual)
    if not any(route.is_ours for route in actual):
        because = ended or _who_has_it(configuration, client, place, owner, actual)
        yield from _all(expected, place, State.NOT_IN_EFFECT, because)
        return
    routes = table.location.below(("virtual_hosts", index, "routes"))
    for pair in compared(expected, actual):
        outcome = _outcome(configuration, client, pair, place, routes)
        yield replace(outcome, because=ended) if ended and pair.actual is None else outcome
    for left in leftover(expected, actual):
        named = f"route {left.index}" + (f" {left.route.name}" if left.route.name else "")
        because = f"{named} of {place.virtual_host} is made of it, and no rule asks for it"
        words, made = route_words(left.route), routes / left.index
        yield Outcome(_WHOLE, State.PARTLY, because, actual=words, made=made, kind=ROUTES, name=place.table)


def _index(table: RouteTable, place: Place) -> int | None:
    """A gateway may have several hosts of one VirtualService in one virtual host, which bears the name of the first."""
    known = indexed(table)
    if place.gateway == MESH:
        return known.by_name.get(place.virtual_host)
    domains = (place.host, f"{place.host}:*", place.virtual_host)
    return next((known.by_domain[domain] for domain in domains if domain in known.by_domain), None)


def _who_has_it(
    configuration: Configuration, client: Client, place: Place, owner: Written[VirtualService], actual: Iterable[Actual]
) -> str:
    others = tuple(dict.fromkeys(route.owner for route in actual if route.owner))
    if not others:
        return f"virtual host {place.virtual_host} has the default route alone"
    why = why_it_won(configuration, client, place, others[0], owner)
    return f"{', '.join(others)} has the host {place.host}" + (f": {why}" if why else "")


def _all(expected: Iterable[Expected], place: Place, state: State, because: str) -> Iterator[Outcome]:
    for one in expected:
        if one.route is not None:
            words = route_words(one.route)
            yield Outcome(one.path, state, because, expected=words, kind=ROUTES, name=place.table, origin=one.origin)


def _without_table(client: Client, place: Place) -> tuple[State, str]:
    if client.kind == "waypoint" and client.proxy.account.knows_all(LISTENER):
        return State.NOT_IN_EFFECT, f"the waypoint has no filter chain {place.table}"
    if not client.proxy.account.knows_all(ROUTES):
        return State.UNKNOWN, "not all route configurations of the proxy were captured"
    if place.service is None and place.gateway == MESH:
        return State.NOT_IN_EFFECT, f"no service has the host {place.host}"
    return State.NOT_IN_EFFECT, f"the proxy has no route configuration {place.table}: no listener asks for it"


def _without_host(place: Place, table: RouteTable, host: Undecodable | None) -> tuple[State, str]:
    if host is not None:
        return State.UNKNOWN, f"virtual host {place.virtual_host} does not read: {host.why}"
    if not virtual_host_names(table):
        return State.UNKNOWN, f"route configuration {place.table} does not read, or has no virtual host"
    if place.service is None and place.gateway == MESH:
        return State.NOT_IN_EFFECT, f"no service has the host {place.host}"
    return State.NOT_IN_EFFECT, f"route configuration {place.table} has no virtual host {place.virtual_host}"


def _outcome(configuration: Configuration, client: Client, pair: Pair, place: Place, routes: Location) -> Outcome:
    state, because = _judged(configuration, client, pair, place)
    return Outcome(
        pair.expected.path,
        state,
        because,
        expected=route_words(pair.route),
        actual=route_words(pair.actual.route) if pair.actual else None,
        differences=pair.differences,
        made=routes / pair.actual.index if pair.actual else None,
        kind=ROUTES,
        name=place.table,
        origin=pair.expected.origin,
    )


def _judged(configuration: Configuration, client: Client, pair: Pair, place: Place) -> tuple[State, str]:
    """What people have to know of first: a route that nothing reaches, one that differs, one that leads nowhere."""
    actual = pair.actual
    if actual is None:
        return State.NOT_IN_EFFECT, f"virtual host {place.virtual_host} has no such route"
    here = f"route {actual.index} of {place.virtual_host}"
    if earlier := pair.shadowed_by:
        named = " ".join(part for part in (earlier.owner, earlier.route.name) if part) or "the default route"
        return State.NOT_IN_EFFECT, f"route {earlier.index} before it takes all its requests ({named})"
    if pair.differences:
        return State.PARTLY, "; ".join(map(str, pair.differences[:3]))
    if pair.is_moved:
        return State.PARTLY, f"{here} stands behind one of a later rule"
    if place.service is None and place.gateway == MESH:
        return _without_service(place, here)
    return _led(configuration, client, pair.route, here)


def _led(configuration: Configuration, client: Client, route: Route, here: str) -> tuple[State, str]:
    """Of a route that is there: whether it leads somewhere."""
    for name in route.route.cluster_names if route.route else ():
        if client.proxy.account.knows_all(CLUSTER) and client.proxy.resource(CLUSTER, name) is None:
            return State.NOT_IN_EFFECT, f"{why_missing(configuration, client, name)}; {here} leads there"
    return State.IN_EFFECT, here


def _without_service(place: Place, here: str) -> tuple[State, str]:
    """istiod puts hosts of no service on port 80, and there alone: outside of the cluster's names that may be meant."""
    because = f"no service has the host {place.host}: {here} is for requests to port 80 alone"
    is_of_cluster = place.host.endswith(f".svc.{CLUSTER_DOMAIN}")
    return (State.NOT_IN_EFFECT if is_of_cluster else State.PARTLY), because


def route_words(route: Route) -> str:
    """`/reviews* → outbound|9080|v1|reviews… 80, …` in one line."""
    facts = facts_of(route)
    keys = ("match.path", "match.headers", "match.query_parameters")
    asked = "; ".join(facts[key] for key in keys if key in facts)
    does = next((facts[key] for key in ("redirect", "direct_response", "route.cluster") if key in facts), "nothing")
    return f"{asked} → {does}"
