"""BackendTLSPolicies as DestinationRules: one for each host that they are for, of all policies together.

https://gateway-api.sigs.k8s.io/reference/spec/#backendtlspolicy, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/backend_policies.go).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from meshscope.effect.gateway_api.names import MARK
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.generated import NO_AGE, PARENTS, Generated, Origin, generated_object
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.backend_tls_policy import BackendTLSPolicy, BackendTLSPolicyValidation
from meshscope.istio.gateway_api.backend_tls_policy import LocalPolicyTargetReferenceWithSectionName as Target
from meshscope.istio.hosts import full_host
from meshscope.istio.objects.destination import PortSelector
from meshscope.istio.objects.destination_rule import DestinationRule, DestinationRuleSpec
from meshscope.istio.objects.traffic_policy import ClientTLSSettings, PortTrafficPolicy, TrafficPolicy
from meshscope.path import Path

IGNORED = "istio.io/ignore-policy-attachment"
INVALID = "invalid://"
"""A certificate that no Secret has: connections fail."""
_TLS: Path = ("spec", "trafficPolicy", "tls")


class Aimed(Struct, frozen=True):
    """One target of a policy, for one of its hosts. `port` is 0 for all ports; `problem` says why it is for none."""

    policy: Written[BackendTLSPolicy]
    index: int
    target: Target
    host: str = ""
    port: int = 0
    problem: str = ""

    @property
    def path(self) -> Path:
        return ("spec", "targetRefs", self.index)

    def __str__(self) -> str:
        return f"{self.policy.item} targetRefs[{self.index}]"


def aimed(sources: Sources, policy: Written[BackendTLSPolicy]) -> Iterator[Aimed]:
    """In the order of its targets."""
    for index, target in enumerate(policy.value.spec.target_refs):
        hosts = _hosts(sources, policy, target)
        if isinstance(hosts, str):
            yield Aimed(policy, index, target, problem=hosts)
            continue
        for host in hosts:
            port = sources.port_of(host, target.section_name) if target.section_name else 0
            missing = f"{host} has no port {target.section_name}" if target.section_name and not port else ""
            yield Aimed(policy, index, target, host, port, missing)


def ignored(sources: Sources, policy: Written[BackendTLSPolicy]) -> str:
    """Why istiod does not read a policy at all, "" where it does."""
    if not sources.is_since(1, 26):
        return "istiod reads it since its version 1.26"
    if policy.item.annotations.get(IGNORED) == "true" and sources.is_since(1, 31):
        return f"its annotation {IGNORED} is true"
    return ""


def destination_rules(sources: Sources) -> Iterator[Generated[DestinationRule]]:
    by_host: dict[tuple[str, str, str], list[Aimed]] = {}
    for policy in sources.backend_tls_policies:
        for one in aimed(sources, policy) if not ignored(sources, policy) else ():
            if not one.problem:
                by_host.setdefault((one.target.kind, one.target.name, f"{policy.namespace}/{one.host}"), []).append(one)
    for (kind, name, _), found in by_host.items():
        yield _destination_rule(kind, name, found)


def credential(validation: BackendTLSPolicyValidation, namespace: str) -> tuple[str, str]:
    """The name by which proxies ask for the authorities, "" for those of the system; and why it is INVALID."""
    if validation.well_known_ca_certificates or not validation.ca_certificate_refs:
        return "", ""
    ref = validation.ca_certificate_refs[0]
    if (ref.group, ref.kind) != ("", "ConfigMap"):
        return (
            INVALID,
            f"its certificate authority is a {ref.kind}, and istiod takes ConfigMaps alone: connections fail",
        )
    return f"configmap://{namespace}/{ref.name}", ""


def _hosts(sources: Sources, policy: Written[BackendTLSPolicy], target: Target) -> tuple[str, ...] | str:
    if (target.kind, target.group) == ("Service", ""):
        return (full_host(target.name, policy.namespace),)
    if (target.kind, target.group) == ("ServiceEntry", "networking.istio.io"):
        hosts = sources.service_entry_hosts(policy.namespace, target.name)
        return hosts or f"ServiceEntry {policy.namespace}/{target.name} does not exist"
    return f"istiod knows no target of kind {target.kind} in group {target.group or '(core)'}"


def _destination_rule(kind: str, name: str, found: Sequence[Aimed]) -> Generated[DestinationRule]:
    """The first policy for a port, or for all ports, counts."""
    origins: dict[Path, Origin] = {}
    whole: ClientTLSSettings | None = None
    ports: dict[int, ClientTLSSettings] = {}
    for one in found:
        origin = Origin(one.policy.item, one.path)
        if one.port and one.port not in ports:
            origins["spec", "trafficPolicy", "portLevelSettings", len(ports)] = origin
            ports[one.port] = _settings(one.policy)
        elif not one.port and whole is None:
            origins[_TLS] = origin
            whole = _settings(one.policy)
    levels = tuple(PortTrafficPolicy(port=PortSelector(number=port), tls=tls) for port, tls in ports.items())
    spec = DestinationRuleSpec(host=found[0].host, traffic_policy=TrafficPolicy(tls=whole, port_level_settings=levels))
    dashed = "" if kind == "Service" else f"~{found[0].host.replace('.', '-')}"
    named = dict.fromkeys(
        f"BackendTLSPolicy/{one.item.namespace or 'default'}.{one.item.name}" for one in origins.values()
    )
    item = generated_object(
        "DestinationRule", f"{name}{dashed}~{MARK}", found[0].policy.item, NO_AGE, {PARENTS: ",".join(named)}
    )
    return Generated(item, DestinationRule(spec=spec), origins)


def _settings(policy: Written[BackendTLSPolicy]) -> ClientTLSSettings:
    validation = policy.value.spec.validation
    names = (one.hostname if one.type == "Hostname" else one.uri for one in validation.subject_alt_names)
    return ClientTLSSettings(
        mode="SIMPLE",
        credential_name=credential(validation, policy.namespace)[0],
        sni=validation.hostname,
        subject_alt_names=tuple(name for name in names if name),
    )
