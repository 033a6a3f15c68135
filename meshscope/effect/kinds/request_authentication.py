"""RequestAuthentication: each JWT rule against the JWT filters of the proxies that the object applies to.

https://istio.io/latest/docs/reference/config/security/request_authentication/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import SECURITY, Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.chains import knows_listeners, policy_chains
from meshscope.effect.policies.reach import everywhere, left_out, readable
from meshscope.effect.policies.selection import selection
from meshscope.effect.policies.tokens.at_chain import TokenRule, outcomes_at
from meshscope.effect.policies.tokens.provider import NEWEST, Known
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
    if others := left_out(configuration, one.namespace, one.value.spec, client, paths):
        yield from others
    elif not configuration.is_since(1, 5):
        yield from everywhere(paths, State.UNKNOWN, "Istio before 1.5 has no RequestAuthentication")
    elif not one.value.spec.jwt_rules:
        yield from everywhere(paths, State.NOT_IN_EFFECT, "it has no jwtRules, so that it asks nothing")
    else:
        yield from _at_chains(configuration, one, client)


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
    for one in all_policies(configuration):
        is_own = one.item.ref == own.item.ref
        if is_own or selection(configuration, one.namespace, one.value.spec, client).is_selected:
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
