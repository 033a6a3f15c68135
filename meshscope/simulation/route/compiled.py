"""A virtual host and its routes made ready to be asked often; made once for each configuration."""

from __future__ import annotations

from collections.abc import Container, Iterable

from msgspec import Raw, Struct

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.matching.path import path_beginning, path_test
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.random_values import RandomValues
from meshscope.simulation.route.conditions import Asking, conditions
from meshscope.simulation.runtime_fraction import fraction_in_effect
from meshscope.simulation.verdict import NO, Unknown, Verdict
from meshscope.xds.extension import Extension
from meshscope.xds.matcher_tree import Matcher
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.route import Route, RouteList, VirtualHost
from meshscope.xds.route_match import FractionalPercent

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


class CompiledRoute:
    """A route made ready to be asked often."""

    def __init__(self, index: int, route: Route) -> None:
        self.index, self.route, self.match = index, route, route.match
        self.beginning = path_beginning(route.match)
        self.path_holds = path_test(route.match)
        self.conditions = conditions(route.match)
        self.is_connect = present(route.match.connect_matcher)
        self.certain = RouteOutcome(ChosenRoute(index, route))

    def matches(self, asking: Asking) -> Verdict:
        """All but the runtime fraction. The path is asked first, being the quickest; the answer is the same."""
        if not asking.request.path and not self.is_connect:
            return NO  # HTTP/1's CONNECT has no path
        verdict = self.path_holds(asking.path, asking.whole_path, asking.request, asking.envoy)
        if verdict.answer == "no":
            return NO
        for condition in self.conditions:
            found = condition(self.match, asking)
            if found.answer == "no":
                return NO
            if found.answer == "unknown" and verdict.answer == "yes":
                verdict = found
        return verdict

    def fraction(self, asking: Asking) -> FractionalPercent | None:
        """The runtime fraction in effect; None for a route without one."""
        asked = self.match.runtime_fraction
        return None if asked is None else fraction_in_effect(asked, asking.request, asking.envoy)


def compiled_routes(routes: Iterable[Route]) -> tuple[CompiledRoute, ...]:
    return tuple(CompiledRoute(index, route) for index, route in enumerate(routes))


class CompiledVirtualHost:
    """A virtual host made ready to be asked often. `ignore_path_parameters` is its route configuration's setting."""

    def __init__(self, host: VirtualHost, *, ignore_path_parameters: bool = False) -> None:
        self.host = host
        self.ignore_path_parameters = ignore_path_parameters
        self.routes = compiled_routes(host.routes)
        self.tree = decode(host.matcher, Matcher) if present(host.matcher) else None
        self._by_action: dict[bytes, tuple[CompiledRoute, ...] | Undecodable] = {}

    def asking(
        self, request: HttpRequest, connection: Connection, envoy: Envoy, settable: Container[str] = ()
    ) -> Asking:
        return Asking(request, connection, envoy, settable, ignore_path_parameters=self.ignore_path_parameters)

    def candidates(self, asking: Asking) -> tuple[CompiledRoute, ...] | Unknown:
        """The routes to ask in order: its own, or those that its `matcher` tree leads to (none where it misses)."""
        if self.tree is None:
            return self.routes
        if isinstance(self.tree, Undecodable):
            return Unknown(f"the matcher tree does not read: {self.tree.why}")
        from meshscope.simulation.matching.tree import evaluate  # as above
        from meshscope.simulation.matching.tree_inputs import http_inputs  # few virtual hosts have a tree

        inputs = http_inputs(asking.request, asking.connection, asking.envoy)
        action = evaluate(self.tree, inputs, metadata=asking.request.metadata, envoy=asking.envoy)
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
