"""Expected routes against those that a proxy has: which belongs to which, what differs, and what comes before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.effect.answer import Difference
from meshscope.effect.http_routes.expected import Expected
from meshscope.effect.http_routes.facts import facts_of, match_facts
from meshscope.xds.route import Route
from meshscope.xds.route_match import RouteMatch


class Actual(Struct, frozen=True):
    """A route of a proxy with its index in the virtual host. `is_ours`: it was made of the same object."""

    index: int
    route: Route
    is_ours: bool
    owner: str = ""


class Pair(Struct, frozen=True):
    """`route` is the expected one; `actual` is None where the proxy has no such route. `is_moved`: it stands behind one of a
    later rule. `shadowed_by` stands before it and takes all its requests.
    """

    expected: Expected
    route: Route
    actual: Actual | None = None
    differences: tuple[Difference, ...] = ()
    is_moved: bool = False
    shadowed_by: Actual | None = None


def compared(expected: Sequence[Expected], actual: Sequence[Actual]) -> Iterator[Pair]:
    """One pair for each expected route, in their order."""
    wanted = [(one, one.route) for one in expected if one.route is not None]
    found = partners([route for _, route in wanted], [one for one in actual if one.is_ours])
    last = -1
    for (one, route), partner in zip(wanted, found, strict=True):
        if partner is None:
            yield Pair(one, route)
            continue
        shadow = next((before for before in actual if before.index < partner.index and _covers(before, partner)), None)
        yield Pair(one, route, partner, tuple(differences(one, partner.route)), partner.index < last, shadow)
        last = max(last, partner.index)


def leftover(expected: Sequence[Expected], actual: Sequence[Actual]) -> tuple[Actual, ...]:
    """Routes of the object that none of its rules asks for: the proxy has them of an older version."""
    wanted = [one.route for one in expected if one.route is not None]
    ours = [one for one in actual if one.is_ours]
    taken = {one.index for one in partners(wanted, ours) if one is not None}
    return tuple(one for one in ours if one.index not in taken)


def partners(wanted: Sequence[Route], ours: Sequence[Actual]) -> list[Actual | None]:
    """The actual one of each expected route. Routes with the same match belong together, in their order; of the rest those
    with the same name, then what is left in the same number.
    """
    left = list(ours)
    found: list[Actual | None] = [None] * len(wanted)

    def take(number: int, fits: Sequence[Actual]) -> None:
        if fits:
            found[number] = fits[0]
            left.remove(fits[0])

    for number, route in enumerate(wanted):
        take(number, [one for one in left if facts_of(one.route) == facts_of(route)])
    for number, route in enumerate(wanted):
        if found[number] is None:
            match = match_facts(route.match)
            take(number, [one for one in left if match_facts(one.route.match) == match])
    for number, route in enumerate(wanted):
        if found[number] is None and route.name:
            take(number, [one for one in left if one.route.name == route.name])
    rest = [number for number, one in enumerate(found) if one is None]
    if len(rest) == len(left):
        for number in rest:
            take(number, left)
    return found


def differences(one: Expected, actual: Route) -> Iterator[Difference]:
    """In the order of Envoy's fields. What the rule leaves to istiod is not compared."""
    mine, theirs = facts_of(one.route) if one.route else {}, facts_of(actual)
    for field in dict.fromkeys((*mine, *theirs)):
        if mine.get(field) != theirs.get(field) and not field.startswith(one.unsaid):
            yield Difference(field, mine.get(field, ""), theirs.get(field, ""))


def _covers(before: Actual, after: Actual) -> bool:
    """Whether a route before takes every request of one behind it; sure only where the one before asks for a path alone."""
    first, second = before.route.match, after.route.match
    if first.headers or first.query_parameters or first.dynamic_metadata or first.runtime_fraction or first.unread:
        return False
    if any(getattr(first, field) for field in ("grpc", "tls_context", "cookies", "filter_state", "connect_matcher")):
        return False
    if first.prefix == "/" and second.connect_matcher is None:
        return True
    if first.case_sensitive is False or second.case_sensitive is False:
        return False
    return _takes_path(first, second)


def _takes_path(first: RouteMatch, second: RouteMatch) -> bool:
    text = next((one for one in (second.prefix, second.path, second.path_separated_prefix) if one is not None), None)
    if first.prefix is not None:
        return text is not None and text.startswith(first.prefix)
    if first.path_separated_prefix is not None:
        return text is not None and _is_below(text, first.path_separated_prefix, is_open=second.prefix is not None)
    return first.path is not None and first.path == second.path


def _is_below(text: str, prefix: str, *, is_open: bool) -> bool:
    """Whether a path is within a prefix of whole segments; one that `is_open` may go on in the same segment."""
    return text.startswith(f"{prefix}/") or (text == prefix and not is_open)
