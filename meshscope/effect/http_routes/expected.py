"""The routes that istiod makes of a VirtualService for one place of a proxy, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.destinations import cluster_of
from meshscope.effect.generated import Generated, semantics
from meshscope.effect.http_routes.actions import ClusterOf, envoy_route
from meshscope.effect.http_routes.delegates import Rule
from meshscope.effect.http_routes.facts import RETRIES
from meshscope.effect.http_routes.generated_routes import of_origin
from meshscope.effect.http_routes.matches import envoy_match, is_catch_all
from meshscope.effect.http_routes.places import Place
from meshscope.effect.http_routes.retries import PREVIOUS_HOSTS, unsaid_of, with_built_in
from meshscope.effect.http_routes.waypoint_places import at_waypoint
from meshscope.effect.static_conditions import MESH, not_here
from meshscope.effect.written import Written
from meshscope.istio.objects.destination import Destination
from meshscope.istio.objects.http_route import HTTPMatchRequest, HTTPRoute
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.version import parse_version
from meshscope.istio.version_gates import REGEX_FOR_ALL
from meshscope.path import Path, path_text
from meshscope.xds.route import Route


class Expected(Struct, frozen=True):
    """What one match of a rule becomes at a place: a route, or the reason why it becomes none there.

    `path` leads to the match in the root's spec, to the rule where that has not several. `is_meant`: the rule does not itself
    say that it is not for this place; `is_local`: this place alone has no use for it; `is_open`: it is not worked out. `unsaid`
    are the beginnings of facts that the rule leaves to istiod, whose defaults change between versions. `origin` is the rule's
    path in the delegate; `rule` is what the route is made of, with what a root adds to its delegate.
    """

    path: Path
    route: Route | None = None
    because: str = ""
    is_meant: bool = True
    is_local: bool = False
    unsaid: tuple[str, ...] = ()
    origin: Path = ()
    rule: HTTPRoute | None = None
    is_open: bool = False


def expected_routes(
    configuration: Configuration, client: Client, place: Place, rules: Iterable[Rule], owner: Written[VirtualService]
) -> Iterator[Expected]:
    """`owner` is the VirtualService. istiod ends the list at the first route that takes every request."""
    ended_by = ""
    origin = semantics(owner.item)
    for rule in rules:
        if rule.problem:
            yield Expected(rule.path, because=rule.problem, is_open=rule.is_open)
            continue
        named = partial(_cluster_of, configuration, client, place, rule.namespace)
        matches: list[HTTPMatchRequest | None] = list(rule.route.match) or [None]
        for number, asked in enumerate(matches):
            path: Path = (*rule.path, "match", number) if len(matches) > 1 and not rule.delegate else rule.path
            because = not_here(asked, client, place.port, place.gateway, owner.namespace) if asked is not None else ""
            if asked and asked.source_labels and client.kind == "waypoint" and configuration.is_since(1, 25):
                yield Expected(path, because="a waypoint leaves out what asks for sourceLabels", origin=rule.origin)
            elif because:
                yield Expected(path, because=because, is_meant=False, origin=rule.origin)
            elif ended_by:
                yield Expected(
                    path, because=f"{ended_by} before it takes every request", is_local=True, origin=rule.origin
                )
            else:
                route = _route(configuration, client, place, rule.route, asked, named, origin)
                unsaid = tuple(_unsaid(configuration, rule.route, origin))
                yield Expected(path, route, unsaid=unsaid, origin=rule.origin, rule=rule.route)
                if asked is None or is_catch_all(route.match, regex=configuration.knows(REGEX_FOR_ALL)):
                    ended_by = _words(owner, path)


def _words(owner: Written[VirtualService], path: Path) -> str:
    """The rule as people wrote it."""
    origin = owner.origins.get(path[:3]) if isinstance(owner, Generated) else None
    return path_text((origin.path if origin else path)[1:])


def _route(  # noqa: PLR0913, PLR0917  # a match and its place
    configuration: Configuration,
    client: Client,
    place: Place,
    rule: HTTPRoute,
    asked: HTTPMatchRequest | None,
    cluster_of_: ClusterOf,
    origin: str,
) -> Route:
    name = _name(rule.name, asked)
    route = envoy_route(rule, name, envoy_match(asked), cluster_of_, place.port, is_tls=place.is_tls)
    if route.route and route.route.retry_policy and rule.retries and not rule.retries.retry_on:
        retries = with_built_in(route.route.retry_policy, configuration)
        route = replace(route, route=replace(route.route, retry_policy=retries))
    return of_origin(route, origin, knows_segments=_knows_segments(configuration, client)) if origin else route


def _knows_segments(configuration: Configuration, client: Client) -> bool:
    """Both the control plane and the proxy do since 1.14."""
    own = parse_version(client.proxy.node.istio_version) if client.proxy.node else None
    return configuration.is_since(1, 14) and (own is None or own >= (1, 14))


def _cluster_of(
    configuration: Configuration, client: Client, place: Place, namespace: str, destination: Destination
) -> str:
    is_waypoint = client.kind == "waypoint"
    takes_only = place.gateway != MESH or is_waypoint
    name = cluster_of(configuration, place.port, namespace, destination, takes_only=takes_only)
    return at_waypoint(configuration, client, name) if is_waypoint else name


def _unsaid(configuration: Configuration, rule: HTTPRoute, origin: str) -> Iterator[str]:
    if origin:
        yield "name"  # istiod's own
    if rule.retries is None:
        yield RETRIES
        return
    if not rule.retries.retry_on:
        yield from unsaid_of(configuration)
    if rule.retries.retry_ignore_previous_hosts is None and rule.retries.attempts:
        yield PREVIOUS_HOSTS


def _name(rule: str, asked: HTTPMatchRequest | None) -> str:
    return f"{rule}.{asked.name}" if asked is not None and asked.name else rule
