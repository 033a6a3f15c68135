"""The routes that istiod makes of a VirtualService for one place of a proxy, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.destinations import cluster_of
from meshscope.effect.http_routes.actions import envoy_route
from meshscope.effect.http_routes.delegates import Rule
from meshscope.effect.http_routes.facts import RETRIES
from meshscope.effect.http_routes.matches import envoy_match, is_catch_all
from meshscope.effect.http_routes.places import Place
from meshscope.effect.static_conditions import MESH, not_here
from meshscope.istio.objects.http_route import HTTPMatchRequest, HTTPRoute
from meshscope.istio.version_gates import REGEX_FOR_ALL
from meshscope.path import Path, path_text
from meshscope.xds.route import Route


class Expected(Struct, frozen=True):
    """What one match of a rule becomes at a place: a route, or the reason why it becomes none there.

    `path` leads to the match in the root's spec, to the rule where that has not several. `is_meant`: the rule does not itself
    say that it is not for this place; `is_local`: this place alone has no use for it. `unsaid` are the beginnings of facts
    that the rule leaves to istiod, whose defaults change between versions. `origin` is the rule's path in the delegate; `rule`
    is what the route is made of, with what a root adds to its delegate.
    """

    path: Path
    route: Route | None = None
    because: str = ""
    is_meant: bool = True
    is_local: bool = False
    unsaid: tuple[str, ...] = ()
    origin: Path = ()
    rule: HTTPRoute | None = None


def expected_routes(
    configuration: Configuration, client: Client, place: Place, rules: Iterable[Rule], namespace: str
) -> Iterator[Expected]:
    """`namespace` is the VirtualService's. istiod ends the list at the first route that takes every request."""
    ended_by = ""

    for rule in rules:
        if rule.problem:
            yield Expected(rule.path, because=rule.problem)
            continue
        named = partial(cluster_of, configuration, place.port, rule.namespace, takes_only=place.gateway != MESH)
        matches: list[HTTPMatchRequest | None] = list(rule.route.match) or [None]
        for number, asked in enumerate(matches):
            path: Path = (*rule.path, "match", number) if len(matches) > 1 and not rule.delegate else rule.path
            because = not_here(asked, client, place.port, place.gateway, namespace) if asked is not None else ""
            if because:
                yield Expected(path, because=because, is_meant=False, origin=rule.origin)
            elif ended_by:
                yield Expected(
                    path, because=f"{ended_by} before it takes every request", is_local=True, origin=rule.origin
                )
            else:
                match = envoy_match(asked)
                name = _name(rule.route.name, asked)
                route = envoy_route(rule.route, name, match, named, place.port)
                unsaid = tuple(_unsaid(rule.route))
                yield Expected(path, route, unsaid=unsaid, origin=rule.origin, rule=rule.route)
                if asked is None or is_catch_all(match, regex=configuration.knows(REGEX_FOR_ALL)):
                    ended_by = path_text(path[1:])


def _unsaid(rule: HTTPRoute) -> Iterator[str]:
    if rule.retries is None:
        yield RETRIES
    elif not rule.retries.retry_on:
        yield from (f"{RETRIES}retry_on", f"{RETRIES}retriable_status_codes")


def _name(rule: str, asked: HTTPMatchRequest | None) -> str:
    return f"{rule}.{asked.name}" if asked is not None and asked.name else rule
