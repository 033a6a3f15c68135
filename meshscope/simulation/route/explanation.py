"""Why each route that was not chosen lost: its first condition that fails, in Envoy's order, and near misses first."""

from __future__ import annotations

from meshscope.location import Location
from meshscope.simulation.matching.near_miss import ranked
from meshscope.simulation.route.compiled import CompiledRoute
from meshscope.simulation.route.conditions import RouteQuestion
from meshscope.simulation.trace import Rejected

_BEHIND = 50
"""Nearness of a route that would match but stands behind the chosen one; one that would not is farther."""


def explain_routes(
    routes: tuple[CompiledRoute, ...], question: RouteQuestion, chosen: int | None, *, location: Location | None = None
) -> tuple[Rejected, ...]:
    """All routes but the chosen one (`chosen` None: no route), near misses first. `location` is the virtual host's.

    `routes` and `question` are those of `CompiledVirtualHost.candidates` and `.asking`.
    """
    found = [_rejected(route, question, chosen, location) for route in routes if route.index != chosen]
    return ranked(found)


def _rejected(route: CompiledRoute, question: RouteQuestion, chosen: int | None, location: Location | None) -> Rejected:
    name = f"routes[{route.index}] {route.route.name or route.match.path_specifier()}"
    place = location.below(("routes", route.index)) if location else None
    failing = tuple(route.failing(question))
    if chosen is not None and route.index > chosen:
        return Rejected(name, f"routes[{chosen}] matched before", place, _BEHIND + len(failing), after_chosen=True)
    if not failing:
        return Rejected(name, "it may match; not everything that it asks for is known", place, 0)
    return Rejected(name, failing[0], place, len(failing))
