"""The clusters that a proxy should have of one service, and what the DestinationRules that it takes ask of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Rule, chosen
from meshscope.effect.clusters.expected import Facts
from meshscope.effect.clusters.made_facts import made_facts
from meshscope.effect.clusters.policy import for_port, for_subset
from meshscope.effect.clusters.tcp_proxies import RawConnections, made_connections
from meshscope.effect.clusters.whole_policy import WholePolicy, whole_policy
from meshscope.effect.configuration import Configuration
from meshscope.effect.generated import Generated
from meshscope.effect.kinds.destination_rule import POLICY, WHOLE
from meshscope.effect.services import MeshService, Port
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.istio.version_gates import BUDGET_BESIDE_SUBSETS
from meshscope.overlay.change import Reach
from meshscope.path import Path, camel

_BALANCING = (("zone_aware_lb_setting", Reach.CLUSTER), ("backend_utilization", Reach.NOTHING))


class Asked(Struct, frozen=True):
    """`rule` and `path` say what asks for the policy; `labels` are those of a subset, None for the whole host.

    `facts` are what istiod writes of it, and of the port, into the cluster, and `raw` into filter chains that lead there.
    `doubt` says what would have to be known.
    """

    policy: TrafficPolicy | None = None
    rule: Rule | None = None
    path: Path = WHOLE
    labels: Labels | None = None
    doubt: str = ""
    facts: Facts = {}
    raw: RawConnections = RawConnections()


NOTHING = Asked()


def bare(configuration: Configuration, client: Client, port: Port) -> Asked:
    """Of a port that no rule speaks of."""
    return Asked(facts=made_facts(configuration, client, port.protocol, None))


def asked_of(configuration: Configuration, client: Client, service: MeshService) -> dict[ClusterName, Asked]:
    """The whole host first on each port, then its subsets; of two subsets with one name the first counts."""
    scope = configuration.scope(client)
    if service.alias_of and configuration.is_since(1, 21):
        return {}
    rules = chosen(configuration, client, service).rules
    whole = whole_policy(configuration, rules)
    doubt = _doubt(configuration, rules, whole)
    policy, policy_of = whole.policy, whole.first
    owner = policy_of or next(iter(rules), None)
    found: dict[ClusterName, Asked] = {}
    for port in service.ports:
        if port.protocol.family is Family.UDP or scope.service(service.host, port.number) != service:
            continue
        name = ClusterName("outbound", port.number, "", service.host)
        own = for_port(policy, port.number)
        facts = made_facts(configuration, client, port.protocol, own)
        raw = made_connections(policy, None)
        found[name] = Asked(own, owner, POLICY if policy_of else WHOLE, doubt=doubt, facts=facts, raw=raw)
        for rule in rules:
            for index, subset in enumerate(rule.value.spec.subsets):
                keeps = configuration.knows(BUDGET_BESIDE_SUBSETS)
                asked = for_subset(policy, subset.traffic_policy, port.number, keeps_budget=keeps)
                facts = made_facts(configuration, client, port.protocol, asked)
                path: Path = ("spec", "subsets", index)
                raw = made_connections(policy, subset.traffic_policy or TrafficPolicy())
                one = Asked(asked, rule, path, subset.labels, facts=facts, raw=raw)
                found.setdefault(replace(name, subset=subset.name), one)
    return found


def _doubt(configuration: Configuration, rules: tuple[Rule, ...], whole: WholePolicy) -> str:
    """Of several rules for one host the older one's policy counts, but where it has a gap that istiod's own rule fills."""
    speaking = [one for one in rules if one.value.spec.traffic_policy is not None]
    if len(whole.makers) > 1:
        speaking = [one for one in speaking if not isinstance(one, Generated)]
    if len(speaking) > 1 and not configuration.ages.is_known(*(one.item for one in speaking)):
        return f"which of {speaking[0]} and {speaking[1]} is older is unknown: no time of creation is in this input"
    return ""


def unwritten(
    configuration: Configuration, before: TrafficPolicy | None, after: TrafficPolicy | None
) -> Iterator[tuple[str, Reach]]:
    """What is said of settings that differ and that the facts do not say, and which requests they decide about."""
    one, other = before or TrafficPolicy(), after or TrafficPolicy()
    if one.tunnel != other.tunnel:
        yield "where a tunnel leads is not followed", Reach.CLUSTER
    if one.proxy_protocol != other.proxy_protocol:
        yield "whether the servers understand proxyProtocol is not known", Reach.CLUSTER
    for name, reach in _BALANCING:
        if _member(one.load_balancer, name) != _member(other.load_balancer, name):
            yield f"loadBalancer.{camel(name)} is not rebuilt", reach
    if _is_passed(one) != _is_passed(other):
        yield "loadBalancer.simple PASSTHROUGH is not rebuilt", Reach.CLUSTER
    codes = "outlier_detection_http_error_codes"
    if _member(one.outlier_detection, codes) != _member(other.outlier_detection, codes):
        yield f"outlierDetection.{camel(codes)} is not rebuilt", Reach.NOTHING
    yield from _unwritten_of_http(configuration, one, other)


def _unwritten_of_http(
    configuration: Configuration, before: TrafficPolicy, after: TrafficPolicy
) -> Iterator[tuple[str, Reach]]:
    """Where two settings of the protocol meet, what older control planes make of them is not known here."""
    one, other = _pool(before, "http"), _pool(after, "http")
    is_both = any(_member(http, "use_client_protocol") and _is_upgraded(http) for http in (one, other))
    is_limited = any(_member(http, "max_concurrent_streams") and _is_upgraded(http) for http in (one, other))
    if one == other or configuration.is_since(1, 27):
        return
    if is_both:
        yield "connectionPool.http.useClientProtocol beside an upgrade is not rebuilt", Reach.CLUSTER
    if is_limited:
        yield "connectionPool.http.maxConcurrentStreams beside an upgrade is not rebuilt", Reach.NOTHING


def _is_upgraded(http: Any) -> bool:
    return bool(_member(http, "h2_upgrade_policy") == "UPGRADE")


def _is_passed(policy: TrafficPolicy) -> bool:
    return bool(_member(policy.load_balancer, "simple") == "PASSTHROUGH")


def _pool(policy: TrafficPolicy, part: str) -> Any:
    return getattr(policy.connection_pool, part, None)


def _member(value: Any, name: str) -> Any:
    found = getattr(value, name, None)
    return found or None
