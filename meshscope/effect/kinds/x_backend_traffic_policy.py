"""XBackendTrafficPolicy: the retry budget of each target, as the DestinationRule that istiod makes of it.

https://gateway-api.sigs.k8s.io/geps/gep-3388/
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
from meshscope.effect.gateway_api_flags import why_unread
from meshscope.effect.kinds import destination_rule
from meshscope.effect.outcome import Outcome, of_fields
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.x_backend_traffic_policy import XBackendTrafficPolicy
from meshscope.istio.names import parse_cluster
from meshscope.path import Path

SESSIONS: Path = ("spec", "sessionPersistence")
Policy = Written[XBackendTrafficPolicy]


def rules(value: XBackendTrafficPolicy) -> Iterator[Path]:
    yield from (("spec", "targetRefs", index) for index in range(len(value.spec.target_refs)))
    if value.spec.session_persistence is not None:
        yield SESSIONS


def statics(configuration: Configuration, one: Policy) -> Iterator[Outcome]:
    """What is so whatever the proxies have."""
    whole = _unread(configuration, one)
    for each in aimed(configuration.gateway_api.sources, one):
        because = whole or each.problem or _lost(configuration, one, each)
        if because:
            state = State.NOT_IN_EFFECT if whole or each.is_known else State.UNKNOWN
            yield Outcome(each.path, state, because, is_meant=False)
        elif not configuration.is_since(1, 27):
            because = "what istiod makes of it before its version 1.27 is not modelled"
            yield Outcome(each.path, State.UNKNOWN, because, is_meant=False)
    if one.value.spec.session_persistence is not None:
        because = whole or "istiod makes nothing of the sessionPersistence of a policy"
        yield Outcome(SESSIONS, State.NOT_IN_EFFECT, because, is_meant=False)


def outcomes(configuration: Configuration, one: Policy, client: Client) -> Iterator[Outcome]:
    api = configuration.gateway_api
    if _unread(configuration, one) or not configuration.is_since(1, 27):
        return
    for each in aimed(api.sources, one):
        made = api.of_policies_by_host.get((one.namespace, each.host))
        if made is None or each.problem or _lost(configuration, one, each):
            continue
        policy = made.value.spec.traffic_policy
        levels = {level.port.number for level in policy.port_level_settings if level.port} if policy else set()
        for found in destination_rule.outcomes(configuration, made, client):
            name = parse_cluster(found.name)
            port = name.port if name is not None else None
            because = ""
            if port in levels:
                because = f"a BackendTLSPolicy has port {port}, whose settings stand in place of all others"
            elif port is not None:
                because = taken(configuration, client, each.host, port).why_lost(made, port, ("retry_budget",))
            if found.is_meant and because:
                yield Outcome(each.path, State.NOT_IN_EFFECT, because, kind=found.kind, name=found.name)
            else:
                yield replace(of_fields(found, lambda field: field.startswith(RETRY_BUDGET)), path=each.path)


def _unread(configuration: Configuration, one: Policy) -> str:
    return why_unread(configuration, one.item.kind) or ignored(configuration.gateway_api.sources, one)


def _lost(configuration: Configuration, one: Policy, target: Aimed) -> str:
    """Why nothing is made of a policy for a target; "" where something is."""
    first = configuration.gateway_api.claims.get(target.claim)
    if first is not None and (first.policy.item.ref, first.index) != (one.item.ref, target.index):
        is_known = configuration.ages.is_known(first.policy.item, one.item)
        return f"{first} is for the same" + (" and comes first" if is_known else "; which of both is older is unknown")
    return "" if one.value.spec.retry_constraint else "it has no retryConstraint, and istiod reads nothing else of it"
