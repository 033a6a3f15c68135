"""The routes that istiod would make for one virtual host of a proxy, of whichever VirtualServices have it.

A sidecar takes one VirtualService for a host, of those that make routes there; a gateway all that are bound to it, those first
that are exported to it more closely, then the oldest, and routes that take every request stand last
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go, SortVHostRoutes).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.generated import Generated
from meshscope.effect.http_routes.delegates import rules_of
from meshscope.effect.http_routes.expected import Expected, expected_routes
from meshscope.effect.http_routes.matches import is_catch_all
from meshscope.effect.http_routes.places import Place, hosts_of
from meshscope.effect.http_routes.winner import is_consumers
from meshscope.effect.kinds.virtual_service import delegates_of
from meshscope.istio.hosts import is_within, specificity
from meshscope.istio.provenance import ObjectRef
from meshscope.istio.version_gates import CLOSEST_HOST, REGEX_FOR_ALL
from meshscope.overlay.applied import NOW, named
from meshscope.overlay.routes.bound import Rules, reach_of
from meshscope.overlay.written_rule import WrittenRule, written_rule
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

    @property
    def likeness(self) -> tuple[ObjectRef, Route, tuple[str, ...]]:
        """The same without a name that is a number, which changes with every rule before it."""
        is_numbered = "name" in self.expected.unsaid
        return named(self.owner.item), replace(self.route, name="") if is_numbered else self.route, self.expected.unsaid

    @property
    def rule(self) -> WrittenRule:
        """What people wrote."""
        return written_rule(self.owner, self.expected.path)

    def __str__(self) -> str:
        return str(self.rule)


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
        ordered = sorted(ordered, key=lambda one: _closeness(configuration, one[0], client))
        takes_regex = configuration.knows(REGEX_FOR_ALL)
        parts = [_of(configuration, client, one, place) for one, place in ordered]
        routes = [each for some, _ in parts for each in some]
        routes.sort(key=lambda one: is_catch_all(one.route.match, regex=takes_regex))
        doubt = next((why for _, why in parts if why), "") or _order_doubt(configuration, ordered, today)
        return WantedRoutes(tuple(routes), is_owned=True, place=ordered[0][1], doubt=doubt)
    found = [(one, place, *_of(configuration, client, one, place)) for one, place in candidates]
    open_ = next((why for *_, why in found if why), "")
    made = [(one, place, routes) for one, place, routes, _ in found if routes]
    if not made:
        return WantedRoutes(place=candidates[0][1], doubt=open_)
    (one, place), doubt = _winner(configuration, client, [(one, place) for one, place, _ in made], today)
    routes = next(routes for other, _, routes in made if other is one)
    return WantedRoutes(tuple(routes), is_owned=True, place=place, doubt=open_ or doubt)


def _closeness(configuration: Configuration, one: Rules, client: Client) -> tuple[int, bool]:
    """Of two objects for one host the one that is exported more closely comes first, then one of the proxy's own namespace."""
    knows_consumers = configuration.is_since(1, 24)
    return reach_of(configuration, one, client) or 0, not (knows_consumers and is_consumers(one, client))


def _of(configuration: Configuration, client: Client, one: Rules, place: Place) -> tuple[list[Wanted], str]:
    """With what of it is not worked out, "" for nothing."""
    rules = rules_of(one.value, one.namespace, delegates_of(configuration, one.namespace))
    found = tuple(expected_routes(configuration, client, place, rules, one))
    doubt = next((f"{one}: {each.because}" for each in found if each.is_open), "")
    return [Wanted(one, each, each.route) for each in found if each.route is not None], doubt


def _position(one: Rules, today: Sequence[ObjectRef]) -> int:
    """Where some age is unknown, those that a proxy has tell their order themselves; the others come behind them."""
    return next((number for number, ref in enumerate(today) if is_named(one, ref)), len(today))


def is_named(one: Rules, ref: ObjectRef) -> bool:
    """What istiod makes of several objects bears the name and the namespace of the oldest of them, which may be unknown."""
    if not isinstance(one, Generated):
        return ref == named(one.item)
    return ref.kind == one.item.kind and (ref.name == one.item.name or ref.name in one.names)


def _is_there(one: Rules, today: Sequence[ObjectRef]) -> bool:
    return any(is_named(one, ref) for ref in today)


def _order_doubt(configuration: Configuration, ordered: Candidates, today: Sequence[ObjectRef]) -> str:
    new = [one for one, _ in ordered if not _is_there(one, today)]
    unknown = [one for one in new if not configuration.ages.of(one.item)]
    if unknown and len(ordered) > 1:
        return f"the routes of {unknown[0]} stand by its age among those of others, and no time of creation is known"
    return ""


def _winner(
    configuration: Configuration, client: Client, candidates: Candidates, today: Sequence[ObjectRef]
) -> tuple[tuple[Rules, Place], str]:
    """The one that a sidecar takes, and what is not known about it."""

    def rank(candidate: tuple[Rules, Place]) -> tuple[bool, int, int, bool, bool]:
        one, place = candidate
        closest = max((specificity(each) for each in hosts_of(one) if is_within(place.host, each)), default=(False, 0))
        is_exact, length = closest if configuration.knows(CLOSEST_HOST) else (True, 0)
        closeness = _closeness(configuration, one, client)
        return not is_exact, -length, *closeness, configuration.ages.of(one.item) == NOW

    def order(candidate: tuple[Rules, Place]) -> tuple[object, ...]:
        one = candidate[0]
        age = configuration.ages.of(one.item), one.item.name, one.item.namespace
        return (*rank(candidate), not _is_there(one, today), *age)

    ordered = sorted(candidates, key=order)
    first, rest = ordered[0], [one for one in ordered[1:] if rank(one) == rank(ordered[0])]
    tied = [one for one, _ in rest if one.item is not first[0].item]
    if tied and not _is_there(first[0], today) and not configuration.ages.is_known(first[0].item, tied[0].item):
        return first, f"which of {first[0]} and {tied[0]} is older is unknown: no time of creation is in this input"
    return first, ""
