"""AuthorizationPolicy: each rule against the RBAC filters of the proxies that the policy applies to.

https://istio.io/latest/docs/reference/config/security/authorization-policy/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.policies.authorization.at_chain import AskedRule, outcome_at
from meshscope.effect.policies.authorization.dialect import dialect
from meshscope.effect.policies.authorization.entries import authorizer
from meshscope.effect.policies.chains import PolicyChain, knows_listeners, policy_chains
from meshscope.effect.policies.reach import everywhere, left_out, readable
from meshscope.effect.policies.selection import attached_to
from meshscope.effect.policies.waypoints import reach
from meshscope.effect.policies.ztunnels import why_unknown
from meshscope.effect.written import Written
from meshscope.istio.objects.authorization_policy import AuthorizationPolicy
from meshscope.path import Path

DRY_RUN = "istio.io/dry-run"
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
Policy = Written[AuthorizationPolicy]


def rules(value: AuthorizationPolicy) -> Iterator[Path]:
    """Each rule; a policy without rules is one as a whole."""
    yield from (("spec", "rules", index) for index in range(len(value.spec.rules)))
    if not value.spec.rules:
        yield ("spec",)


def statics(configuration: Configuration, one: Policy) -> Iterator[Outcome]:
    """Of the workloads that have no proxy of their own."""
    if attached_to(configuration, one.value.spec):
        return
    if because := why_unknown(configuration, one.item, one.value.spec.selector):
        yield from everywhere(rules(one.value), State.UNKNOWN, because)


def outcomes(configuration: Configuration, one: Policy, client: Client) -> Iterator[Outcome]:
    """One for each rule and each filter chain."""
    paths = tuple(rules(one.value))
    if client.kind == "waypoint":
        yield from _at_waypoint(configuration, one, client, paths)
        return
    if others := left_out(configuration, one.namespace, one.value.spec, client, paths):
        yield from others
        return
    if not configuration.is_since(1, 8):
        yield from everywhere(paths, State.UNKNOWN, "authorization before Istio 1.8 is not modelled")
        return
    chains, unread = readable(policy_chains(configuration, client))
    for because in unread:
        yield from everywhere(paths, State.UNKNOWN, because)
    yield from _at_chains(configuration, one, client, paths, chains)


def _at_waypoint(
    configuration: Configuration, one: Policy, client: Client, paths: tuple[Path, ...]
) -> Iterator[Outcome]:
    found = reach(configuration, one.namespace, one.value.spec, client)
    for because in found.unread:
        yield from everywhere(paths, State.UNKNOWN, because)
    if found.because and not knows_listeners(client):
        yield from everywhere(paths, State.UNKNOWN, "not all listeners of the proxy were captured")
    elif found.because:
        yield from everywhere(paths, State.NOT_IN_EFFECT, found.because, is_meant=found.is_meant)
    elif found.chains:
        yield from _at_chains(configuration, one, client, paths, [each.chain for each in found.chains])


def _at_chains(
    configuration: Configuration, one: Policy, client: Client, paths: tuple[Path, ...], chains: list[PolicyChain]
) -> Iterator[Outcome]:
    if not chains:
        yield from everywhere(paths, *_without_chains(client))
    elif one.value.spec.action == "CUSTOM" and is_dry_run(configuration, one):
        yield from everywhere(paths, State.UNKNOWN, "a CUSTOM policy as a dry run is not modelled")
    else:
        for asked in asked_rules(configuration, one, client):
            yield from _of_rule(asked, chains)


def _without_chains(client: Client) -> tuple[State, str]:
    if not knows_listeners(client):
        return State.UNKNOWN, "not all listeners of the proxy were captured"
    return State.NOT_IN_EFFECT, f"the proxy has no {'' if client.kind == 'gateway' else 'inbound '}listener"


def is_dry_run(configuration: Configuration, one: Policy) -> bool:
    return one.item.annotations.get(DRY_RUN) in _TRUE and configuration.is_since(1, 10)


def asked_rules(configuration: Configuration, one: Policy, client: Client) -> Iterator[AskedRule]:
    """What is asked for each rule, for every chain alike."""
    spec, spoken = one.value.spec, dialect(configuration, one.namespace, client)
    for path in rules(one.value):
        index = path[-1] if isinstance(path[-1], int) else 0
        yield AskedRule(
            path=path,
            index=index,
            rule=spec.rules[index] if spec.rules else None,
            namespace=one.namespace,
            name=one.item.name,
            action=spec.action,
            is_dry_run=is_dry_run(configuration, one),
            provider=spec.provider.name if spec.provider else "",
            providers=tuple(each.name for each in configuration.settings.extension_providers),
            dialect=spoken,
        )


def _of_rule(asked: AskedRule, chains: list[PolicyChain]) -> Iterator[Outcome]:
    """Where every port that a Service has is one of connections, what is left out there is what people see."""
    http = {chain.port for chain in chains if chain.is_http}
    found = [
        (
            chain,
            outcome_at(
                chain,
                asked,
                is_wide_there=chain.is_declared and chain.port not in http,
                has_http_provider=asked.is_custom and _has_http_provider(asked, chains),
            ),
        )
        for chain in chains
    ]
    yield from sorted((outcome for _, outcome in found), key=lambda outcome: not outcome.differences)
    declared = [outcome for chain, outcome in found if chain.is_declared]
    others = [outcome for chain, outcome in found if not chain.is_declared]
    if declared and all(one.is_local for one in declared) and any(one.state is State.IN_EFFECT for one in others):
        because = f"only on ports that no Service has: {declared[0].because}"
        yield Outcome(asked.path, State.PARTLY, because, expected=others[0].expected, kind=declared[0].kind)


def _has_http_provider(asked: AskedRule, chains: list[PolicyChain]) -> bool:
    asking = (authorizer(chain, name) for chain in chains if chain.is_http for name in asked.names)
    return any(one is not None and bool(one.http_service) for one in asking)
