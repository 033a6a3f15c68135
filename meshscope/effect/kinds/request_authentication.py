"""RequestAuthentication: each JWT rule against the JWT filters of the proxies that the object applies to.

https://istio.io/latest/docs/reference/config/security/request_authentication/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import SECURITY, Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import knows_listeners, policy_chains
from meshscope.effect.policies.reach import everywhere, left_out, readable
from meshscope.effect.policies.selection import selection
from meshscope.effect.policies.tokens.at_chain import TokenRule, outcomes_at
from meshscope.effect.policies.tokens.provider import NEWEST, Known
from meshscope.effect.policies.waypoints import reach
from meshscope.effect.written import Written
from meshscope.istio.objects.request_authentication import RequestAuthentication
from meshscope.istio.version import parse_version
from meshscope.path import Path

Policy = Written[RequestAuthentication]


def rules(value: RequestAuthentication) -> Iterator[Path]:
    yield from (("spec", "jwtRules", index) for index in range(len(value.spec.jwt_rules)))
    if not value.spec.jwt_rules:
        yield ("spec",)


def outcomes(configuration: Configuration, one: Policy, client: Client) -> Iterator[Outcome]:
    """One for each rule and each filter chain of HTTP."""
    paths = tuple(rules(one.value))
    others = () if client.kind == "waypoint" else left_out(configuration, one.namespace, one.value.spec, client, paths)
    if others:
        yield from others
    elif not configuration.is_since(1, 5):
        yield from everywhere(paths, State.UNKNOWN, "Istio before 1.5 has no RequestAuthentication")
    elif not one.value.spec.jwt_rules:
        yield from everywhere(paths, State.NOT_IN_EFFECT, "it has no jwtRules, so that it asks nothing")
    elif client.kind == "waypoint":
        yield from _at_waypoint(configuration, one, client)
    else:
        yield from _at_chains(configuration, one, client)


def _at_waypoint(configuration: Configuration, one: Policy, client: Client) -> Iterator[Outcome]:
    """Each chain has the providers of all policies that reach it."""
    paths = tuple(rules(one.value))
    found = reach(configuration, one.namespace, one.value.spec, client)
    for because in found.unread:
        yield from everywhere(paths, State.UNKNOWN, because)
    http = [each.chain for each in found.chains if each.chain.is_http]
    if found.because and not knows_listeners(client):
        yield from everywhere(paths, State.UNKNOWN, "not all listeners of the proxy were captured")
    elif found.because:
        yield from everywhere(paths, State.NOT_IN_EFFECT, found.because, is_meant=found.is_meant)
    elif not http and not found.unread:
        because = "the waypoint has no HTTP filter chain for it: tokens are in requests, not in connections"
        yield from everywhere(paths, State.NOT_IN_EFFECT, because)
    policies = [
        (each, reach(configuration, each.namespace, each.value.spec, client)) for each in all_policies(configuration)
    ]
    known = known_versions(configuration, client)
    for chain in http:
        here = [each for each, its in policies if any(other.chain.index == chain.index for other in its.chains)]
        yield from outcomes_at(chain, tuple(_token_rules(one, here)), known)


def _at_chains(configuration: Configuration, one: Policy, client: Client) -> Iterator[Outcome]:
    paths = tuple(rules(one.value))
    chains, unread = readable(policy_chains(configuration, client))
    for because in unread:
        yield from everywhere(paths, State.UNKNOWN, because)
    http = [chain for chain in chains if chain.is_http]
    asked, known = tuple(_asked(configuration, one, client)), known_versions(configuration, client)
    for chain in http:
        yield from outcomes_at(chain, asked, known)
    if not chains and not knows_listeners(client):
        yield from everywhere(paths, State.UNKNOWN, "not all listeners of the proxy were captured")
    elif not http:
        because = "the proxy has no HTTP filter chain for it: tokens are in requests, not in connections"
        yield from everywhere(paths, State.NOT_IN_EFFECT, because)


def _asked(configuration: Configuration, own: Policy, client: Client) -> Iterator[TokenRule]:
    """The rules of every object that applies to the proxy; those of `own` have their path."""
    every = all_policies(configuration)
    selected = [one for one in every if selection(configuration, one.namespace, one.value.spec, client).is_selected]
    yield from _token_rules(own, [one for one in every if one.item.ref == own.item.ref or one in selected])


def _token_rules(own: Policy, policies: Iterable[Policy]) -> Iterator[TokenRule]:
    for one in policies:
        is_own = one.item.ref == own.item.ref
        for index, rule in enumerate(one.value.spec.jwt_rules):
            yield TokenRule(rule, ("spec", "jwtRules", index) if is_own else ())


def all_policies(configuration: Configuration) -> tuple[Policy, ...]:
    """Every policy, oldest first."""
    return configuration.mesh.derived(
        "request authentications by age",
        lambda: tuple(configuration.typed("RequestAuthentication", RequestAuthentication, SECURITY)),
    )


def known_versions(configuration: Configuration, client: Client) -> Known:
    """Of the control plane and of the proxy."""
    control_plane = configuration.version or NEWEST
    node = client.proxy.node
    return Known(control_plane, (parse_version(node.istio_version) if node else None) or control_plane)
