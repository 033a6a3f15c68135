"""What a control plane of some version writes into a cluster of what a policy says, with the protocol of the cluster's port."""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.clusters.connection_limits import HTTP2, OF_CLIENT, PROTOCOL, STREAMS, of_protocol
from meshscope.effect.clusters.expected import Facts, policy_facts
from meshscope.effect.clusters.understood import default_budget, understood
from meshscope.effect.configuration import Configuration
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family, Protocol

_HTTP2 = ("GRPC", "GRPC-Web", "HTTP2")
_WARMED = ("LEAST_REQUEST", "ROUND_ROBIN")
"""Balancers that can start slowly."""


def default_balancer(configuration: Configuration) -> str:
    return "LEAST_REQUEST" if configuration.is_since(1, 14) else "ROUND_ROBIN"


def made_facts(
    configuration: Configuration,
    client: Client,
    protocol: Protocol,
    policy: TrafficPolicy | None,
    *,
    is_inbound: bool = False,
) -> Facts:
    """Without istiod's defaults for what a policy leaves out as a whole. An upgrade to HTTP/2 is for those who connect to a
    workload, not for its own proxy: `is_inbound`.
    """
    said = policy_facts(understood(configuration, policy))
    if is_inbound and said.get(PROTOCOL) == HTTP2:
        del said[PROTOCOL]
    elif not is_inbound and protocol.family is Family.HTTP and _upgrades(configuration, policy):
        said = {PROTOCOL: HTTP2, **said}
    facts = {**default_budget(configuration, said), **said}
    if said.get("lb_policy", default_balancer(configuration)) not in _WARMED:
        facts = {field: value for field, value in facts.items() if not field.startswith("slow_start_config")}
    return _spoken(client, protocol, facts)


def _upgrades(configuration: Configuration, policy: TrafficPolicy | None) -> bool:
    """Whether the mesh's settings ask for HTTP/2 where a rule does not say otherwise."""
    http = policy.connection_pool.http if policy and policy.connection_pool else None
    is_left = http is None or http.h2_upgrade_policy not in ("DO_NOT_UPGRADE", "UPGRADE")
    return is_left and configuration.settings.h2_upgrade_policy == "UPGRADE"


def _spoken(client: Client, protocol: Protocol, facts: Facts) -> Facts:
    """With the protocol of a cluster of that port, which of sniffed ports on sidecars is the client's. Streams are limited
    where it is HTTP/2 for sure.
    """
    if protocol.name in _HTTP2 and facts.get(PROTOCOL) != OF_CLIENT:
        facts = {**facts, PROTOCOL: HTTP2}
    elif protocol.family is Family.AUTO and client.kind == "sidecar":
        facts = {PROTOCOL: OF_CLIENT, **facts}
    spoken = facts.get(PROTOCOL, "")
    return {field: value for field, value in of_protocol(facts, spoken).items() if spoken == HTTP2 or field != STREAMS}
