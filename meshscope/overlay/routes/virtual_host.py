"""One virtual host of a proxy, rebuilt: the routes that stay are those of today, the others are made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.comparison import Actual, Pair, compared, leftover
from meshscope.effect.http_routes.expected import Expected
from meshscope.effect.http_routes.facts import RETRIES
from meshscope.effect.http_routes.matches import CLAIMS
from meshscope.effect.http_routes.ownership import is_made_of
from meshscope.effect.static_conditions import MESH
from meshscope.istio.names import ClusterName
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import made_from
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.route_body import default_body, default_retries, is_default, route_body, routes_of
from meshscope.overlay.routes.wanted import Wanted, WantedRoutes
from meshscope.overlay.written_rule import origin_of
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.route import Route, VirtualHost


class Today(Struct, frozen=True):
    """The routes that a proxy has: their JSON, and typed."""

    bodies: tuple[Json, ...]
    routes: tuple[Actual, ...]


def today(host: Json | None, mesh: Mesh) -> Today | str:
    """Of a virtual host as JSON, None where the proxy has none; a text says why it does not read. The objects of `mesh` tell
    whose routes are.
    """
    if host is None:
        return Today((), ())
    typed = decode(msgspec.json.encode(host), VirtualHost)
    if isinstance(typed, Undecodable):
        return typed.why
    routes = tuple(
        Actual(index, route, is_ours=True, owner=made_from(route.metadata, route.name, mesh) or "")
        for index, route in enumerate(typed.routes)
    )
    return Today(tuple(host.get("routes", ())), routes)


def conflict(now: Today, wanted: WantedRoutes) -> str:
    """What of the routes is not what istiod makes of the manifests, in words; "" where all is."""
    if not wanted.is_owned:
        foreign = [body for body in now.bodies if not is_default(body)]
        return f"route {foreign[0].get('name') or 0} is there" if foreign else ""
    asked = [one.expected for one in wanted.routes]
    pairs = list(compared(asked, now.routes))
    for pair, one in zip(pairs, wanted.routes, strict=True):
        if pair.actual is None:
            return f"{one} has no route"
        if pair.differences:
            return str(pair.differences[0])
        if pair.is_moved:
            return f"route {pair.actual.route.name or pair.actual.index} stands elsewhere"
        if not is_made_of(one.owner, pair.actual.route, pair.actual.owner):
            return f"route {pair.actual.route.name or pair.actual.index} is of {pair.actual.owner or 'no object'}"
    left = leftover(asked, now.routes)
    return f"route {left[0].route.name or left[0].index} is there" if left else ""


def rebuilt_routes(  # noqa: PLR0913, PLR0917  # both sides of a place
    configuration: Configuration,
    draft: Draft,
    now: Today,
    before: WantedRoutes,
    after: WantedRoutes,
    tables: Callable[[], Iterator[Json]],
) -> tuple[Json, ...]:
    """`tables` are route configurations of the proxy, read one by one, which tell what istiod adds to a route."""
    kept: list[tuple[Any, Json]] = []
    alike: list[Json] = []
    if before.is_owned:
        for pair, one in zip(
            compared([each.expected for each in before.routes], now.routes), before.routes, strict=True
        ):
            if pair.actual is not None and not pair.differences:
                kept.append((one.likeness, now.bodies[pair.actual.index]))
                if RETRIES in one.expected.unsaid:
                    alike.append(now.bodies[pair.actual.index])
    retries = default_retries(configuration, tables(), alike)
    if not after.is_owned:
        return _of_service(after, tables(), retries)
    port = after.place.port if after.place else 0
    known = ((one, next((body for likeness, body in kept if likeness == one.likeness), None)) for one in after.routes)
    return tuple(
        _renamed(body, one) if body else route_body(configuration, one, retries, draft.config_path(one.key[0]), port)
        for one, body in known
    )


def _renamed(body: Json, one: Wanted) -> Json:
    return {**body, "name": one.route.name} if body.get("name", "") != one.route.name else body


def _of_service(after: WantedRoutes, tables: Iterator[Json], retries: Json) -> tuple[Json, ...]:
    """None for a host that is no service."""
    place = after.place
    if place is None or place.service is None or place.gateway != MESH:
        return ()
    like = next((route for table in tables for route in routes_of(table) if is_default(route)), None)
    cluster = str(ClusterName("outbound", place.port, "", place.service.host))
    return (default_body(cluster, like, retries, place.service.host, place.port),)


def doubts(before: WantedRoutes, after: WantedRoutes) -> tuple[str, ...]:
    """What istiod makes of the rules and this program does not, or what would have to be known."""
    asking = (one for one in after.routes if asks_for_claims(one.expected))
    found = [f"{one}: matches of claims are not rebuilt" for one in asking]
    there = [one.key for one in before.routes]
    found += [why for one in after.routes if one.key not in there and (why := _open(one))]
    return tuple(dict.fromkeys((*filter(None, [after.doubt]), *found)))


def _open(one: Wanted) -> str:
    """Of a rule of the Gateway API: a backend that is not modelled, or a ReferenceGrant that this input may lack."""
    origin = origin_of(one.owner, one.expected.path)
    if origin is None or (origin.is_known and not origin.is_open):
        return ""
    return f"{one}: {origin.problem}" + ("; this input may lack one" if origin.is_open else "")


def asks_for_claims(expected: Expected) -> bool:
    matches = expected.rule.match if expected.rule else ()
    return any(name.startswith(CLAIMS) for one in matches for name in (*one.headers, *one.without_headers))


def pairs(before: Sequence[Route], after: Sequence[Route]) -> list[Pair]:
    """Of each route that would be there the one that is there today."""
    asked = [Expected((), route) for route in after]
    return list(compared(asked, [Actual(index, route, is_ours=True) for index, route in enumerate(before)]))
