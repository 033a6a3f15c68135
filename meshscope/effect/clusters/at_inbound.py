"""A DestinationRule at the proxies of its own service: the limits of their clusters `inbound|PORT||`."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Rule, host_of
from meshscope.effect.clusters.connection_limits import HTTP2, PROTOCOL, of_protocol
from meshscope.effect.clusters.expected import Facts, policy_facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.effect.clusters.inbound_limits import InboundLimits, inbound_limits
from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import InboundPort, inbound_ports
from meshscope.effect.outcome import Outcome
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.hosts import is_within
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.path import Path
from meshscope.xds.cluster import Cluster

_POLICY: Path = ("spec", "trafficPolicy")


def inbound_outcomes(configuration: Configuration, one: Rule, client: Client) -> Iterator[Outcome]:
    """Of each port of the workload on which the rule's limits should count; none where it says nothing of them."""
    policy = one.value.spec.traffic_policy
    if client.kind != "sidecar" or policy is None or not _limits(policy):
        return
    for port in _ports(configuration, client):
        if port.host and is_within(port.host, host_of(one)):
            limits = inbound_limits(configuration, client, port)
            if limits.rule is not None and limits.rule.item is one.item:
                yield from _at(client, port, limits)


def inbound_facts(policy: TrafficPolicy | None) -> Facts:
    """An upgrade to HTTP/2 is for those who connect to the workload alone."""
    return {field: value for field, value in policy_facts(policy).items() if (field, value) != (PROTOCOL, HTTP2)}


def _limits(policy: TrafficPolicy) -> bool:
    of_ports = (level.connection_pool for level in policy.port_level_settings)
    return any((policy.connection_pool, policy.retry_budget, *of_ports))


def _ports(configuration: Configuration, client: Client) -> tuple[InboundPort, ...]:
    """Kept: each rule asks."""
    key = ("inbound ports", client.name)
    return configuration.mesh.derived(key, lambda: tuple(inbound_ports(configuration, client)))


def _at(client: Client, port: InboundPort, limits: InboundLimits) -> Iterator[Outcome]:
    resource = client.proxy.resource(CLUSTER, port.cluster)
    cluster = client.proxy.read(resource, Cluster) if resource else None
    if resource is None or not isinstance(cluster, Cluster):
        return
    theirs = cluster_facts(cluster)
    mine = of_protocol(inbound_facts(limits.asked), theirs.get(PROTOCOL, ""))
    if not mine:
        return
    found = tuple(
        Difference(field, value, theirs.get(field, "")) for field, value in mine.items() if theirs.get(field) != value
    )
    state, because = State.IN_EFFECT, f"cluster {resource.name}"
    if found and limits.sidecar:
        state = State.NOT_IN_EFFECT
        because = f"{limits.sidecar} has the connection pool of cluster {resource.name}, in the place of the rule's"
    elif found:
        state, because = State.PARTLY, f"cluster {resource.name}: {'; '.join(map(str, found[:3]))}"
    yield Outcome(
        _POLICY,
        state,
        because,
        expected=_words(mine),
        actual=_words({field: theirs.get(field, "") for field in mine}),
        differences=found,
        made=resource.location,
        kind=CLUSTER,
        name=resource.name,
    )


def _words(facts: Facts) -> str:
    return ", ".join(f"{field} {value}" for field, value in facts.items())
