"""BackendTLSPolicy: each target against the clusters of each proxy, as the DestinationRule that istiod makes of it.

https://gateway-api.sigs.k8s.io/reference/spec/#backendtlspolicy
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.clusters.connection_limits import RETRY_BUDGET
from meshscope.effect.clusters.whole_policy import taken
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_api.backend_policies import Aimed, aimed, ignored
from meshscope.effect.gateway_api.credentials import credential, ends_as
from meshscope.effect.gateway_api_flags import why_unread
from meshscope.effect.generated import Generated
from meshscope.effect.kinds import destination_rule
from meshscope.effect.outcome import Outcome, of_fields
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.backend_tls_policy import BackendTLSPolicy
from meshscope.istio.names import parse_cluster
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.istio.version_gates import UNRESOLVED_CA
from meshscope.path import Path


def rules(value: BackendTLSPolicy) -> Iterator[Path]:
    yield from (("spec", "targetRefs", index) for index in range(len(value.spec.target_refs)))


def statics(configuration: Configuration, one: Written[BackendTLSPolicy]) -> Iterator[Outcome]:
    """What is so whatever the proxies have."""
    sources = configuration.gateway_api.sources
    whole = why_unread(configuration, one.item.kind) or ignored(sources, one)
    for each in aimed(sources, one):
        because = whole or each.problem or _winner(configuration, each) or _invalid(configuration, one, "")
        if because:
            state = State.NOT_IN_EFFECT if whole or each.is_known else State.UNKNOWN
            yield Outcome(each.path, state, because, is_meant=False)


def outcomes(configuration: Configuration, one: Written[BackendTLSPolicy], client: Client) -> Iterator[Outcome]:
    sources = configuration.gateway_api.sources
    if ignored(sources, one) or why_unread(configuration, one.item.kind):
        return
    invalid = _invalid(configuration, one, client.kind)
    for each in aimed(sources, one):
        made = _made(configuration, each)
        if made is None or _winner(configuration, each):
            continue
        for found in destination_rule.outcomes(configuration, made, client):
            if not _is_of(found, each, made):
                continue
            name = parse_cluster(found.name)
            port = name.port if name else None
            because = taken(configuration, client, each.host, port).why_lost(made, port, ("tls",)) if port else ""
            if because and found.is_meant:
                yield Outcome(each.path, State.NOT_IN_EFFECT, because, kind=found.kind, name=found.name)
            elif invalid and found.is_meant:
                yield Outcome(each.path, State.NOT_IN_EFFECT, invalid, expected=found.expected, made=found.made)
            else:
                yield replace(of_fields(found, lambda field: not field.startswith(RETRY_BUDGET)), path=each.path)


def _made(configuration: Configuration, one: Aimed) -> Generated[DestinationRule] | None:
    """The DestinationRule that a target has a part in."""
    rules_ = configuration.gateway_api.of_policies_by_host
    return rules_.get((one.policy.namespace, one.host)) if not one.problem else None


def _winner(configuration: Configuration, one: Aimed) -> str:
    """The policy that has the target before this one, in words; "" where it is this one."""
    first = configuration.gateway_api.claims.get(one.claim)
    if one.problem or first is None or (first.policy.item.ref, first.index) == (one.policy.item.ref, one.index):
        return ""
    is_known = configuration.ages.is_known(first.policy.item, one.policy.item)
    return f"{first} is for the same" + (" and comes first" if is_known else "; which of both is older is unknown")


def _invalid(configuration: Configuration, one: Written[BackendTLSPolicy], kind: str) -> str:
    because = credential(configuration.gateway_api.sources, one.value.spec.validation, one.namespace)[1]
    return ends_as(because, kind, is_closed=configuration.knows(UNRESOLVED_CA)) if because else ""


def _is_of(found: Outcome, one: Aimed, made: Generated[DestinationRule]) -> bool:
    """Whether an outcome is of the ports that the target is for: one with a name of its own, or all others."""
    name = parse_cluster(found.name)
    if name is None or name.port is None:
        return True
    policy = made.value.spec.traffic_policy
    named = {level.port.number for level in policy.port_level_settings if level.port} if policy else set()
    return name.port == one.port if one.port else name.port not in named
