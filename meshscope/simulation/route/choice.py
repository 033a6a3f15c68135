"""Which route of a virtual host takes a request: the first whose every condition holds.

Deciding builds no words for the others; explanation.py does. Every possibility is an outcome: a runtime fraction splits by
its share, an unknown condition into two outcomes without a probability.
"""

from __future__ import annotations

from collections.abc import Container

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.endings import NO_ROUTE, UNKNOWN, End
from meshscope.simulation.random_values import RandomValues
from meshscope.simulation.route.compiled import (
    ChosenRoute,
    CompiledRoute,
    CompiledVirtualHost,
    RouteOutcome,
    specifier_doubt,
)
from meshscope.simulation.route.conditions import RouteQuestion
from meshscope.simulation.route.require_tls import tls_redirect
from meshscope.simulation.runtime_fraction import denominator, holds
from meshscope.simulation.verdict import Unknown, Verdict
from meshscope.xds.route_match import FractionalPercent

_NO_ROUTE = (RouteOutcome(NO_ROUTE),)


def choose_route(
    virtual_host: CompiledVirtualHost,
    request: HttpRequest,
    connection: Connection,
    envoy: Envoy,
    *,
    settable: Container[str] = (),
) -> tuple[RouteOutcome, ...]:
    """Every route that may be chosen, and the end where none is. `settable`: filter state that a filter may have set."""
    if (end := tls_redirect(virtual_host.host, request)) is not None:
        return (RouteOutcome(end),)
    if doubt := specifier_doubt(virtual_host.host.route_specifiers):
        return (RouteOutcome(UNKNOWN, None, assuming=(doubt,)),)
    question = virtual_host.asking(request, connection, envoy, settable)
    routes = virtual_host.candidates(question)
    if isinstance(routes, Unknown):
        return (RouteOutcome(UNKNOWN, None, assuming=(routes.because,)),)
    return first_match(routes, question)


def first_match(routes: tuple[CompiledRoute, ...], question: RouteQuestion) -> tuple[RouteOutcome, ...]:
    """The first match ends the search; a fraction and an unknown leave something for the routes behind."""
    branches: _Branches | None = None
    path = question.path
    for route in routes:
        if not path.startswith(route.beginning):
            continue
        verdict = route.matches(question)
        if verdict.answer == "no":
            continue
        fraction = route.fraction(question)
        if fraction is None and verdict.answer == "yes" and branches is None:
            return (route.certain,)
        branches = branches or _Branches(question.request.random)
        if branches.take(route, verdict, fraction):
            return tuple(branches.found)
    return _NO_ROUTE if branches is None else branches.with_no_route()


class _Branches:
    """The outcomes so far, and what is left for the routes behind."""

    def __init__(self, random: int | None) -> None:
        self.found: list[RouteOutcome] = []
        self._random = random
        self._left = RandomValues()
        self._conditions: tuple[str, ...] = ()
        self._assuming: tuple[str, ...] = ()

    def take(self, route: CompiledRoute, verdict: Verdict, fraction: FractionalPercent | None) -> bool:
        """Adds a route that matches, or may; whether nothing is left for those behind it."""
        taken, left = self._split(fraction)
        if taken is None:
            return False
        condition = "" if fraction is None or taken == self._left else f"{fraction} of requests (runtime_fraction)"
        doubt = verdict.because if verdict.answer == "unknown" else ""
        self._add(
            ChosenRoute(route.index, route.route, taken),
            taken,
            condition,
            *((f"routes[{route.index}] matches: {doubt}",) if doubt else ()),
            *route.certain.assuming,
        )
        if left is None and not doubt:
            return True
        if doubt:
            self._assuming = (*self._assuming, f"routes[{route.index}] does not match: {doubt}")
        else:
            self._left = left or self._left
            self._conditions = (*self._conditions, f"not the {condition}")
        return False

    def _split(self, fraction: FractionalPercent | None) -> tuple[RandomValues | None, RandomValues | None]:
        """The random values for which it holds, and the others; None for no values at all."""
        if fraction is None:
            return self._left, None
        if self._random is not None:
            return (self._left, None) if holds(fraction, self._random) else (None, self._left)
        modulus = denominator(fraction)
        taken = self._left.within(modulus, 0, fraction.numerator)
        left = self._left.within(modulus, fraction.numerator, modulus)
        return (taken if taken.share else None), (left if left.share else None)

    def _add(self, value: ChosenRoute | End, values: RandomValues, condition: str, *assumptions: str) -> None:
        assuming = (*self._assuming, *assumptions)
        words = "; ".join((*self._conditions, condition) if condition else self._conditions)
        probability = None if assuming else values.share
        self.found.append(RouteOutcome(value, probability, words, assuming=assuming))

    def with_no_route(self) -> tuple[RouteOutcome, ...]:
        self._add(NO_ROUTE, self._left, "")
        return tuple(self.found)
