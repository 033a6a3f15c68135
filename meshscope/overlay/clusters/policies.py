"""The clusters that a proxy should have of one service, and what the DestinationRules that it takes ask of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Rule, chosen
from meshscope.effect.clusters.expected import Facts, policy_facts
from meshscope.effect.clusters.policy import for_port, for_subset
from meshscope.effect.clusters.whole_policy import WholePolicy, whole_policy
from meshscope.effect.configuration import Configuration
from meshscope.effect.generated import Generated
from meshscope.effect.kinds.destination_rule import POLICY, WHOLE
from meshscope.effect.services import MeshService
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.overlay.change import Reach
from meshscope.path import Path, camel

_BALANCING = (
    ("locality_lb_setting", Reach.CLUSTER),
    ("zone_aware_lb_setting", Reach.CLUSTER),
    ("consistent_hash", Reach.NOTHING),
    ("backend_utilization", Reach.NOTHING),
)


class Asked(Struct, frozen=True):
    """`rule` and `path` say what asks for the policy; `labels` are those of a subset, None for the whole host.

    `doubt` says what would have to be known.
    """

    policy: TrafficPolicy | None = None
    rule: Rule | None = None
    path: Path = WHOLE
    labels: Labels | None = None
    doubt: str = ""

    @property
    def facts(self) -> Facts:
        return policy_facts(self.policy)


NOTHING = Asked()


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
        found[name] = Asked(for_port(policy, port.number), owner, POLICY if policy_of else WHOLE, doubt=doubt)
        for rule in rules:
            for index, subset in enumerate(rule.value.spec.subsets):
                asked = for_subset(policy, subset.traffic_policy, port.number)
                path: Path = ("spec", "subsets", index)
                found.setdefault(replace(name, subset=subset.name), Asked(asked, rule, path, subset.labels))
    return found


def _doubt(configuration: Configuration, rules: tuple[Rule, ...], whole: WholePolicy) -> str:
    """Of several rules for one host the older one's policy counts, but where it has a gap that istiod's own rule fills."""
    speaking = [one for one in rules if one.value.spec.traffic_policy is not None]
    if len(whole.makers) > 1:
        speaking = [one for one in speaking if not isinstance(one, Generated)]
    if len(speaking) > 1 and not configuration.ages.is_known(*(one.item for one in speaking)):
        return f"which of {speaking[0]} and {speaking[1]} is older is unknown: no time of creation is in this input"
    return ""


def unwritten(before: TrafficPolicy | None, after: TrafficPolicy | None) -> Iterator[tuple[str, Reach]]:
    """Settings that differ and that the facts do not say, and which requests they decide about."""
    one, other = before or TrafficPolicy(), after or TrafficPolicy()
    for name in ("tunnel", "proxy_protocol"):
        if getattr(one, name) != getattr(other, name):
            yield name, Reach.CLUSTER
    for name, reach in _BALANCING:
        if _member(one.load_balancer, name) != _member(other.load_balancer, name):
            yield f"loadBalancer.{camel(name)}", reach
    http = [policy.connection_pool.http if policy.connection_pool else None for policy in (one, other)]
    if _member(http[0], "use_client_protocol") != _member(http[1], "use_client_protocol"):
        yield "connectionPool.http.useClientProtocol", Reach.CLUSTER


def _member(value: Any, name: str) -> Any:
    found = getattr(value, name, None)
    return found or None
