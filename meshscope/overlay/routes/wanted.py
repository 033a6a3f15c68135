"""The routes that istiod would make for one virtual host of a proxy, of whichever VirtualServices have it.

A sidecar takes one VirtualService for a host, of those that make routes there; a gateway all that are bound to it, oldest
first, and routes that take every request stand last
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go, SortVHostRoutes).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.delegates import rules_of
from meshscope.effect.http_routes.expected import Expected, expected_routes
from meshscope.effect.http_routes.matches import is_catch_all
from meshscope.effect.http_routes.places import Place, hosts_of
from meshscope.effect.kinds.virtual_service import delegates_of
from meshscope.istio.hosts import is_within, specificity
from meshscope.istio.provenance import ObjectRef
from meshscope.istio.version_gates import CLOSEST_HOST, REGEX_FOR_ALL
from meshscope.overlay.applied import NOW, named
from meshscope.overlay.routes.bound import Rules, reach_of
from meshscope.path import path_text
from meshscope.xds.route import Route

Candidates = Sequence[tuple[Rules, Place]]


class Wanted(Struct, frozen=True):
    """One route with what it is made of."""

    owner: Rules
    expected: Expected
    route: Route

    @property
    def key(self) -> tuple[ObjectRef, Route, tuple[str, ...]]:
        """Routes with one key are alike in a proxy."""
        return named(self.owner.item), self.route, self.expected.unsaid

    def __str__(self) -> str:
        return f"{self.owner} {path_text(self.expected.path[1:])}"


class WantedRoutes(Struct, frozen=True):
    """`is_owned` is false where no VirtualService has the virtual host. `doubt` says what would have to be known."""

    routes: tuple[Wanted, ...] = ()
    is_owned: bool = False
    place: Place | None = None
    doubt: str = ""


def wanted_routes(
    configuration: Configuration, client: Client, candidates: Candidates, today: Sequence[ObjectRef]
) -> WantedRoutes:
    """`today` are the owners of the routes that the proxy has there, in their order."""
    if not candidates:
        return WantedRoutes()
    if client.kind == "gateway":
        is_known = configuration.ages.is_known(*(one.item for one, _ in candidates))
        ordered = candidates if is_known else sorted(candidates, key=lambda one: _position(one[0], today))
        takes_regex = configuration.knows(REGEX_FOR_ALL)
        routes = [each for one, place in ordered for each in _of(configuration, client, one, place)]
        routes.sort(key=lambda one: is_catch_all(one.route.match, regex=takes_regex))
        return WantedRoutes(
            tuple(routes), is_owned=True, place=ordered[0][1], doubt=_order_doubt(configuration, ordered, today)
        )
    made = [(one, place, routes) for one, place in candidates if (routes := _of(configuration, client, one, place))]
    if not made:
        return WantedRoutes(place=candidates[0][1])
    (one, place), doubt = _winner(configuration, client, [(one, place) for one, place, _ in made], today)
    routes = next(routes for other, _, routes in made if other is one)
    return WantedRoutes(tuple(routes), is_owned=True, place=place, doubt=doubt)


def _of(configuration: Configuration, client: Client, one: Rules, place: Place) -> list[Wanted]:
    rules = rules_of(one.value, one.namespace, delegates_of(configuration, one.namespace))
    found = expected_routes(configuration, client, place, rules, one)
    return [Wanted(one, each, each.route) for each in found if each.route is not None]


def _position(one: Rules, today: Sequence[ObjectRef]) -> int:
    """Where some age is unknown, those that a proxy has tell their order themselves; the others come behind them."""
    ref = named(one.item)
    return today.index(ref) if ref in today else len(today)


def _order_doubt(configuration: Configuration, ordered: Candidates, today: Sequence[ObjectRef]) -> str:
    new = [one for one, _ in ordered if named(one.item) not in today]
    unknown = [one for one in new if not configuration.ages.of(one.item)]
    if unknown and len(ordered) > 1:
        return f"the routes of {unknown[0]} stand by its age among those of others, and no time of creation is known"
    return ""


def _winner(
    configuration: Configuration, client: Client, candidates: Candidates, today: Sequence[ObjectRef]
) -> tuple[tuple[Rules, Place], str]:
    """The one that a sidecar takes, and what is not known about it."""

    def rank(candidate: tuple[Rules, Place]) -> tuple[bool, int, int, bool]:
        one, place = candidate
        closest = max((specificity(each) for each in hosts_of(one) if is_within(place.host, each)), default=(False, 0))
        is_exact, length = closest if configuration.knows(CLOSEST_HOST) else (True, 0)
        return not is_exact, -length, reach_of(configuration, one, client) or 0, configuration.ages.of(one.item) == NOW

    def order(candidate: tuple[Rules, Place]) -> tuple[object, ...]:
        one = candidate[0]
        age = configuration.ages.of(one.item), one.item.name, one.item.namespace
        return (*rank(candidate), named(one.item) not in today, *age)

    ordered = sorted(candidates, key=order)
    first, rest = ordered[0], [one for one in ordered[1:] if rank(one) == rank(ordered[0])]
    tied = [one for one, _ in rest if one.item is not first[0].item]
    if tied and named(first[0].item) not in today and not configuration.ages.is_known(first[0].item, tied[0].item):
        return first, f"which of {first[0]} and {tied[0]} is older is unknown: no time of creation is in this input"
    return first, ""
