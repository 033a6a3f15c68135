"""A virtual host and its routes made ready to be asked often; made once for each configuration."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.matching.path import path_because, specifier_of
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.random_values import RandomValues
from meshscope.simulation.route.conditions import Condition, RouteQuestion, conditions
from meshscope.simulation.runtime_fraction import fraction_in_effect
from meshscope.simulation.verdict import NO, Unknown, Verdict
from meshscope.xds.extension import Extension
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.route import Route, RouteList, VirtualHost
from meshscope.xds.route_match import FractionalPercent

if TYPE_CHECKING:
    from meshscope.xds.matcher_tree import Matcher

ROUTE = "envoy.config.route.v3.Route"
ROUTE_LIST = "envoy.config.route.v3.RouteList"


class ChosenRoute(Struct, frozen=True):
    """`index` counts in the virtual host's `routes` (in the list that its `matcher` leads to, where it has one).

    `random` is what the choice says of the request's random value, which a weighted cluster goes on to use.
    """

    index: int
    route: Route
    random: RandomValues = RandomValues()


RouteOutcome = Outcome[ChosenRoute]


def specifier_doubt(specifiers: tuple[Extension, ...]) -> str:
    """A route specifier may put another route in the place of the one that matches; "" without any."""
    names = ", ".join(one.type_name or one.name for one in specifiers)
    return f"route specifier {names} leaves the route as it is" if names else ""


class CompiledRoute:
    """A route made ready to be asked often."""

    def __init__(self, index: int, route: Route) -> None:
        self.index, self.route, self.match = index, route, route.match
        specifier = specifier_of(route.match)
        self.beginning = specifier.beginning(route.match)
        self._path_holds = specifier.test(route.match)
        self.is_connect = route.match.connect_matcher is not None
        doubt = specifier_doubt(route.route_specifiers)
        self.certain = RouteOutcome(ChosenRoute(index, route), assuming=(doubt,) if doubt else ())

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Those beside the path; most routes of a large table are never asked for them."""
        return tuple(conditions(self.match))

    @cached_property
    def _decides(self) -> tuple[tuple[Callable[[Any, RouteQuestion], Verdict], Any], ...]:
        return tuple((condition.kind.judging[0], condition.value) for condition in self.conditions)

    def matches(self, question: RouteQuestion) -> Verdict:
        """All conditions; of a runtime fraction only whether it leaves the request out for certain. The path is asked first,
        being the quickest; the answer is the same.
        """
        verdict = self._path(question)
        if verdict.answer == "no":
            return NO
        for decide, value in self._decides:
            found = decide(value, question)
            if found.answer == "no":
                return NO
            if found.answer == "unknown" and verdict.answer == "yes":
                verdict = found
        return verdict

    def _path(self, question: RouteQuestion) -> Verdict:
        if not question.request.path and not self.is_connect:
            return NO  # HTTP/1's CONNECT has no path
        return self._path_holds(question.path, question.whole_path, question.request, question.envoy)

    def failing(self, question: RouteQuestion) -> Iterator[str]:
        """Why each condition that does not hold does not, in Envoy's order: the path is the last."""
        for condition in self.conditions:
            if condition.decide(question).is_no:
                yield condition.because(question)
        if self._path(question).is_no:
            has_path = question.request.path or self.is_connect
            without = "the request has no path; only a connect_matcher takes it"
            yield path_because(self.match, question.path) if has_path else without

    def fraction(self, question: RouteQuestion) -> FractionalPercent | None:
        """The runtime fraction in effect; None for a route without one."""
        asked = self.match.runtime_fraction
        return None if asked is None else fraction_in_effect(asked, question.request, question.envoy)


def compiled_routes(routes: Iterable[Route]) -> tuple[CompiledRoute, ...]:
    return tuple(CompiledRoute(index, route) for index, route in enumerate(routes))


class CompiledVirtualHost:
    """A virtual host made ready to be asked often. `ignore_path_parameters` is its route configuration's setting."""

    def __init__(self, host: VirtualHost, *, ignore_path_parameters: bool = False) -> None:
        self.host = host
        self.ignore_path_parameters = ignore_path_parameters
        self.routes = compiled_routes(host.routes)
        self.tree = _tree(host.matcher) if present(host.matcher) else None
        self._by_action: dict[bytes, tuple[CompiledRoute, ...] | Undecodable] = {}

    def asking(
        self, request: HttpRequest, connection: Connection, envoy: Envoy, settable: Container[str] = ()
    ) -> RouteQuestion:
        return RouteQuestion(request, connection, envoy, settable, ignore_path_parameters=self.ignore_path_parameters)

    def candidates(self, question: RouteQuestion) -> tuple[CompiledRoute, ...] | Unknown:
        """The routes to ask in order: its own, or those that its `matcher` tree leads to (none where it misses)."""
        if self.tree is None:
            return self.routes
        if isinstance(self.tree, Undecodable):
            return Unknown(f"the matcher tree does not read: {self.tree.why}")
        from meshscope.simulation.matching.tree import evaluate  # as above
        from meshscope.simulation.matching.tree_inputs import http_inputs  # few virtual hosts have a tree

        inputs = http_inputs(question.request, question.connection, question.envoy)
        action = evaluate(self.tree, inputs, metadata=question.request.metadata, envoy=question.envoy)
        if action is None or isinstance(action, Unknown):
            return action or ()
        body = bytes(action.typed_config)
        if body not in self._by_action:
            self._by_action[body] = _routes_of(action)
        routes = self._by_action[body]
        return Unknown(routes.why) if isinstance(routes, Undecodable) else routes


def _routes_of(action: Extension) -> tuple[CompiledRoute, ...] | Undecodable:
    body = action.typed_config if present(action.typed_config) else Raw(b"{}")
    if action.type_name == ROUTE:
        route = decode(body, Route)
        return route if isinstance(route, Undecodable) else compiled_routes([route])
    if action.type_name == ROUTE_LIST:
        found = decode(body, RouteList)
        return found if isinstance(found, Undecodable) else compiled_routes(found.routes)
    return Undecodable(f"the matcher tree leads to {action.type_name or action.name}")


def _tree(raw: Raw) -> Matcher | Undecodable:
    from meshscope.xds.matcher_tree import Matcher  # few virtual hosts have a tree

    return decode(raw, Matcher)
