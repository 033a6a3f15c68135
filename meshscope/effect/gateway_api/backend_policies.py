"""BackendTLSPolicies and XBackendTrafficPolicies as DestinationRules: one for each host, of all policies together.

https://gateway-api.sigs.k8s.io/reference/spec/#backendtlspolicy, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/backend_policies.go).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.effect.ages import NO_AGE
from meshscope.effect.gateway_api.credentials import credential, names_of
from meshscope.effect.gateway_api.names import MARK
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.generated import PARENTS, Generated, Origin, generated_object
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.backend_tls_policy import BackendTLSPolicy
from meshscope.istio.gateway_api.x_backend_traffic_policy import XBackendTrafficPolicy
from meshscope.istio.hosts import full_host
from meshscope.istio.objects.destination import PortSelector
from meshscope.istio.objects.destination_rule import DestinationRule, DestinationRuleSpec
from meshscope.istio.objects.traffic_policy import ClientTLSSettings, PortTrafficPolicy, RetryBudget, TrafficPolicy
from meshscope.path import Path

Policy = BackendTLSPolicy | XBackendTrafficPolicy
IGNORED = "istio.io/ignore-policy-attachment"
_WHOLE: Path = ("spec", "trafficPolicy")


class Aimed(Struct, frozen=True):
    """One target of a policy, of kind and name `target`, for one of its hosts. `port` is 0 for all; `problem` says why it is
    for none, and is certain if `is_known`.
    """

    policy: Written[Policy]
    index: int
    target: tuple[str, str]
    host: str = ""
    port: int = 0
    problem: str = ""
    is_known: bool = True

    @property
    def path(self) -> Path:
        return ("spec", "targetRefs", self.index)

    @property
    def claim(self) -> tuple[bool, str, str, int]:
        """What one policy alone can have: the TLS of a port, or all that traffic policies say of a host."""
        return isinstance(self.policy.value, BackendTLSPolicy), self.policy.namespace, self.host, self.port

    def __str__(self) -> str:
        return f"{self.policy.item} targetRefs[{self.index}]"


def aimed(sources: Sources, policy: Written[Policy]) -> Iterator[Aimed]:
    """In the order of its targets."""
    if isinstance(policy.value, XBackendTrafficPolicy):
        for index, ref in enumerate(policy.value.spec.target_refs):
            yield _at_service(policy, index, (ref.kind, ref.group, ref.name))
        return
    for index, target in enumerate(policy.value.spec.target_refs):
        hosts = _hosts(sources, policy, (target.kind, target.group, target.name))
        named = (target.kind, target.name)
        if isinstance(hosts, str):
            yield Aimed(policy, index, named, problem=hosts)
            continue
        if target.section_name and not sources.is_since(1, 28):
            because = "what istiod makes of a sectionName before its version 1.28 is not modelled"
            yield Aimed(policy, index, named, problem=because, is_known=False)
            continue
        for host in hosts:
            port = sources.port_of(host, target.section_name) if target.section_name else 0
            missing = f"{host} has no port {target.section_name}" if target.section_name and not port else ""
            yield Aimed(policy, index, named, host, port, missing)


def ignored(sources: Sources, policy: Written[Policy]) -> str:
    """Why istiod does not read a policy at all, "" where it does."""
    if not sources.is_since(1, 26):
        return "istiod reads it since its version 1.26"
    if policy.item.annotations.get(IGNORED) == "true" and sources.is_since(1, 31):
        return f"its annotation {IGNORED} is true"
    return ""


def read_targets(sources: Sources) -> Iterator[Aimed]:
    """Of all policies that istiod reads, the oldest first."""
    policies: list[Written[Policy]] = [*sources.backend_tls_policies, *sources.backend_traffic_policies]
    for policy in sorted(policies, key=lambda one: (sources.ages.of(one.item), one.namespace, one.item.name)):
        if not ignored(sources, policy):
            yield from (one for one in aimed(sources, policy) if not one.problem)


def destination_rules(sources: Sources) -> Iterator[Generated[DestinationRule]]:
    by_host: dict[tuple[str, str, str], list[Aimed]] = {}
    for one in read_targets(sources):
        by_host.setdefault((*one.target, f"{one.policy.namespace}/{one.host}"), []).append(one)
    for (kind, name, _), found in by_host.items():
        yield _destination_rule(sources, kind, name, found)


def _at_service(policy: Written[Policy], index: int, target: tuple[str, str, str]) -> Aimed:
    kind, group, name = target
    if (kind, group) == ("Service", ""):
        return Aimed(policy, index, (kind, name), full_host(name, policy.namespace))
    return Aimed(policy, index, (kind, name), problem=_unknown(kind, group), is_known=group != "networking.istio.io")


def _hosts(sources: Sources, policy: Written[Policy], target: tuple[str, str, str]) -> tuple[str, ...] | str:
    kind, group, name = target
    if (kind, group) == ("Service", ""):
        return (full_host(name, policy.namespace),)
    if (kind, group) == ("ServiceEntry", "networking.istio.io") and not sources.is_since(1, 28):
        return "istiod takes ServiceEntries as targets since its version 1.28"
    if (kind, group) == ("ServiceEntry", "networking.istio.io"):
        hosts = sources.service_entry_hosts(policy.namespace, name)
        return hosts or f"ServiceEntry {policy.namespace}/{name} does not exist"
    return _unknown(kind, group)


def _unknown(kind: str, group: str) -> str:
    return f"istiod knows no target of kind {kind} in group {group or '(core)'}"


def _destination_rule(sources: Sources, kind: str, name: str, found: Sequence[Aimed]) -> Generated[DestinationRule]:
    """The first BackendTLSPolicy for a port, or for all ports, counts, and of traffic policies the first."""
    origins: dict[Path, Origin] = {}
    whole: ClientTLSSettings | None = None
    budget: RetryBudget | None = None
    ports: dict[int, ClientTLSSettings] = {}
    known: set[object] = set()
    for one in found:
        if one.claim in known:
            continue
        known.add(one.claim)
        part: Path = ("portLevelSettings", len(ports)) if one.port else ("tls",)
        if isinstance(one.policy.value, XBackendTrafficPolicy):
            part, budget = ("retryBudget",), _budget(sources, one.policy.value)
        elif one.port:
            ports[one.port] = _settings(sources, one.policy.value, one.policy.namespace)
        else:
            whole = _settings(sources, one.policy.value, one.policy.namespace)
        origins[*_WHOLE, *part] = Origin(one.policy.item, one.path)
    levels = tuple(PortTrafficPolicy(port=PortSelector(number=port), tls=tls) for port, tls in ports.items())
    policy = TrafficPolicy(tls=whole, port_level_settings=levels, retry_budget=budget)
    spec = DestinationRuleSpec(host=found[0].host, traffic_policy=policy)
    dashed = "" if kind == "Service" else f"~{found[0].host.replace('.', '-')}"
    named = dict.fromkeys(
        f"{one.item.kind}/{one.item.namespace or 'default'}.{one.item.name}" for one in origins.values()
    )
    item = generated_object(
        "DestinationRule", f"{name}{dashed}~{MARK}", found[0].policy.item, NO_AGE, {PARENTS: ",".join(named)}
    )
    return Generated(item, DestinationRule(spec=spec), origins)


def _settings(sources: Sources, policy: BackendTLSPolicy, namespace: str) -> ClientTLSSettings:
    validation = policy.spec.validation
    return ClientTLSSettings(
        mode="SIMPLE",
        credential_name=credential(sources, validation, namespace)[0],
        sni=validation.hostname,
        subject_alt_names=names_of(validation),
    )


def _budget(sources: Sources, policy: XBackendTrafficPolicy) -> RetryBudget | None:
    """istiod reads the interval since 1.31."""
    asked = policy.spec.retry_constraint
    if asked is None:
        return None
    interval = asked.budget.interval if sources.is_since(1, 31) else ""
    return RetryBudget(
        percent=float(asked.budget.percent), min_retry_concurrency=asked.min_retry_rate.count, budget_interval=interval
    )
