"""HTTPRoute, GRPCRoute, TLSRoute and TCPRoute: each rule against the proxies of what the route is attached to.

https://gateway-api.sigs.k8s.io/reference/spec/#httproute ; a rule is compared as the VirtualService that istiod makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.destinations import UNKNOWN_SERVICE
from meshscope.effect.gateway_api.attached import Attached, attached, problem_of
from meshscope.effect.gateway_api.parents import Parent, Refused, hostnames, parents
from meshscope.effect.gateway_api.sources import Route
from meshscope.effect.gateway_api_flags import why_unread
from meshscope.effect.gateway_selection import why_not_selected
from meshscope.effect.generated import Origin
from meshscope.effect.kinds import virtual_service
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.grpc_route import GRPCRouteRule
from meshscope.istio.gateway_api.http_route import HTTPRouteRule
from meshscope.istio.hosts import overlap
from meshscope.path import Path


def rules(value: Route) -> Iterator[Path]:
    yield from (("spec", "rules", index) for index in range(len(value.spec.rules)))


def statics(configuration: Configuration, one: Written[Route]) -> Iterator[Outcome]:
    """What is so whatever the proxies have: references and hosts that lead to no listener."""
    api = configuration.gateway_api
    found = parents(api.sources, api.by_owner, one)
    refused = [each for each in found if isinstance(each, Refused)]
    listeners = [each.listener for each in found if isinstance(each, Parent) and each.listener]
    for each in refused:
        yield Outcome(("spec", "parentRefs", each.index), _state(each), each.because, is_meant=False)
    for index, host in enumerate(hostnames(one.value) if listeners else ()):
        if not any(overlap(host, listener.listener.hostname or "*") for listener in listeners):
            because = f"no listener that it is attached to has the host {host}"
            yield Outcome(("spec", "hostnames", index), State.NOT_IN_EFFECT, because, is_meant=False)
    if len(refused) == len(found):
        state = State.UNKNOWN if any(_state(each) is State.UNKNOWN for each in refused) else State.NOT_IN_EFFECT
        because = "; ".join(each.because for each in refused) or "it has no parentRefs"
        yield from _everywhere(one, state, f"it is attached to nothing: {because}", is_meant=False)
    yield from _without_backends(configuration, one)
    yield from _sessions(one)


def _sessions(one: Written[Route]) -> Iterator[Outcome]:
    """https://github.com/istio/istio/issues/55839"""
    for index, rule in enumerate(one.value.spec.rules):
        if isinstance(rule, HTTPRouteRule | GRPCRouteRule) and rule.session_persistence is not None:
            path: Path = ("spec", "rules", index, "sessionPersistence")
            yield Outcome(path, State.NOT_IN_EFFECT, "istiod makes nothing of sessionPersistence", is_meant=False)


def _without_backends(configuration: Configuration, one: Written[Route]) -> Iterator[Outcome]:
    """Rules none of whose backends is valid, and those of a route that istiod leaves out."""
    api = configuration.gateway_api
    if because := _left_out(configuration, one):
        yield from _everywhere(one, State.NOT_IN_EFFECT, because, is_meant=False)
    for made in api.of_route(one):
        for path, origin in made.origins.items():
            rule = getattr(made.value.spec, str(path[1]))[path[2]]
            if origin.problem and origin.is_known and not any(to.destination.host for to in rule.route):
                yield Outcome(origin.path, State.NOT_IN_EFFECT, origin.problem, is_meant=False)


def _left_out(configuration: Configuration, one: Written[Route]) -> str:
    """Why istiod makes nothing of a route that is attached to something, "" where it does."""
    if because := why_unread(configuration, one.item.kind):
        return because
    api = configuration.gateway_api
    problem, path = problem_of(api.sources, one)
    if not problem or not any(isinstance(each, Parent) for each in parents(api.sources, api.by_owner, one)):
        return ""
    return f"rules[{path[2]}]: {problem}"


def _state(refused: Refused) -> State:
    return State.NOT_IN_EFFECT if refused.is_known else State.UNKNOWN


def outcomes(configuration: Configuration, one: Written[Route], client: Client) -> Iterator[Outcome]:
    """What a proxy lacks of a kind that istiod does not read, it lacks for that."""
    unread = why_unread(configuration, one.item.kind)
    for each in attached(configuration.gateway_api, one):
        for found in _at_parent(configuration, client, each):
            is_lost = unread and found.is_meant and found.state is State.NOT_IN_EFFECT
            yield replace(found, because=unread) if is_lost else found


def _everywhere(one: Written[Route], state: State, because: str, *, is_meant: bool) -> Iterator[Outcome]:
    yield from (Outcome(path, state, because, is_meant=is_meant) for path in rules(one.value))


def _at_parent(configuration: Configuration, client: Client, place: Attached) -> Iterator[Outcome]:
    """Of one VirtualService that istiod makes of the route. A listener may lack a ReferenceGrant in this input alone."""
    listener = place.listener
    refused = f"{listener} has no configuration: {listener.problem}" if listener and listener.problem else ""
    if because := _not_for(configuration, client, place):
        yield from _all(place, State.NOT_IN_EFFECT, because, is_meant=False)
    elif listener and refused and not listener.refusal.is_open:
        yield from _all(place, State.NOT_IN_EFFECT, refused, is_meant=True)
    else:
        there = _granted(configuration, client, place)
        for found in virtual_service.outcomes(configuration, place.own, client):
            is_lost = refused and found.state is State.NOT_IN_EFFECT
            told = _told(place, replace(found, because=refused) if is_lost else found)
            yield there.get(told.path, told)


def _granted(configuration: Configuration, client: Client, place: Attached) -> dict[Path, Outcome]:
    """Rules that the proxy has, so that they are allowed, whether or not the input has the ReferenceGrant; by their path."""
    if not any(origin.is_open for origin in place.own.origins.values()):
        return {}
    return {
        origin.path: replace(found, path=origin.path)
        for found in virtual_service.outcomes(configuration, place.granted, client)
        if found.state is State.IN_EFFECT and (origin := place.own.origins.get(found.path[:3])) and origin.is_open
    }


def _not_for(configuration: Configuration, client: Client, place: Attached) -> str:
    """Why a proxy is not one of those that the parent stands for, "" where it is."""
    if place.listener is not None:
        if client.kind != "gateway":
            return f"it is attached to {place.listener.gateway}: its rules are for that gateway"
        return why_not_selected(configuration, client, place.listener.made)
    if client.kind == "gateway":
        return f"it is attached to {', '.join(place.hosts)}, whose routes gateways do not take"
    services = [service for host in place.hosts for service in configuration.services.named(host)]
    own = place.own.namespace
    if services and all(service.namespace != own for service in services) and client.namespace != own:
        return f"a route outside of the namespace of {services[0]} is for proxies of its own namespace, {own}"
    return ""


def _all(place: Attached, state: State, because: str, *, is_meant: bool) -> Iterator[Outcome]:
    yield from (Outcome(origin.path, state, because, is_meant=is_meant) for origin in place.own.origins.values())


def _told(place: Attached, found: Outcome) -> Outcome:
    """By the path in the route. A route of the proxy that no rule asks for is of all of them."""
    origin = place.own.origins.get(found.path[:3])
    if origin is None:
        return replace(found, path=("spec", "rules"))
    return replace(_with_problem(found, origin), path=origin.path)


def _with_problem(found: Outcome, origin: Origin) -> Outcome:
    """A backend that is not valid does nothing, also where all else is as it should be."""
    if not origin.problem or not found.is_meant or found.state is State.UNKNOWN:
        return found
    if not origin.is_known:
        return replace(found, state=State.UNKNOWN, because=origin.problem)
    if found.actual is not None and UNKNOWN_SERVICE not in found.actual and found.differences:
        return replace(found, because=f"{found.because} ({origin.problem})")
    state = State.PARTLY if _leads_somewhere(found) else State.NOT_IN_EFFECT
    return replace(found, state=state, because=origin.problem)


def _leads_somewhere(found: Outcome) -> bool:
    return found.actual is not None and "|" in found.actual.rpartition("→")[2]
