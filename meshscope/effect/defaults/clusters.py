"""The clusters that istiod makes for a proxy: of the ports of services, with what DestinationRules say, and its own.

Their facts are whole: what no rule says has istiod's default for its version.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster.go
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Choice, chosen
from meshscope.effect.clusters.expected import Facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.effect.clusters.inbound_limits import inbound_limits
from meshscope.effect.clusters.made_facts import default_balancer, made_facts
from meshscope.effect.clusters.policy import for_port, for_subset
from meshscope.effect.clusters.whole_policy import whole_policy
from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import UNDECLARED, InboundPort, inbound_passthrough, inbound_ports
from meshscope.effect.services import MeshService, Port
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.durations import envoy_duration
from meshscope.istio.names import ClusterName, parse_cluster
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.istio.version_gates import BUDGET_BESIDE_SUBSETS
from meshscope.xds.cluster import Cluster

BLACK_HOLE, PASSTHROUGH = "BlackHoleCluster", "PassthroughCluster"
TYPES = {
    "ClientSide": "EDS", "STATIC": "EDS", "DNS": "STRICT_DNS", "DNS_ROUND_ROBIN": "LOGICAL_DNS",
    "Passthrough": "ORIGINAL_DST", "NONE": "ORIGINAL_DST", "": "ORIGINAL_DST",
}  # fmt: skip
"""Of clusters, by the resolution of a service in the words of Kubernetes' registry and of ServiceEntries."""
_ENVOYS = {"outlier_detection.max_ejection_percent": "10"}
"""A default of Envoy, which istiod leaves out."""
_ENCRYPTED = ("tls", "http_protocol", "http2_protocol_options", "proxy_protocol")
"""Facts that a cluster for TLS of others does not have."""


class ExpectedCluster(Struct, frozen=True):
    """`of` is what it is made of, in words. `facts` are those that it must have, `type` among them; None where they are not
    modelled. TLS is among them only where a rule says it: what istiod chooses itself depends on the endpoints.
    """

    name: str
    of: str
    facts: Facts | None = None


def expected_clusters(configuration: Configuration, client: Client) -> Iterator[ExpectedCluster]:
    """Of a sidecar or a gateway, each once."""
    outbound = tuple(_outbound(configuration, client))
    yield from outbound
    if any(one.name.startswith("outbound_.") for one in client.proxy.resources(CLUSTER)):
        yield from map(_by_server_name, outbound)
    nothing = {"type": "STATIC", "lb_policy": "ROUND_ROBIN", "connect_timeout": connect_timeout(configuration)}
    yield ExpectedCluster(BLACK_HOLE, "istiod's own, for what nobody serves", nothing)
    if client.kind == "sidecar":
        yield ExpectedCluster(PASSTHROUGH, "istiod's own, for what no service has")
        yield ExpectedCluster(inbound_passthrough(configuration, client), UNDECLARED)
        for port in inbound_ports(configuration, client):
            yield ExpectedCluster(port.cluster, port.of, _inbound_facts(configuration, client, port))


def whole_facts(cluster: Cluster) -> Facts:
    return {"type": cluster.discovery_type, **cluster_facts(cluster)}


def _outbound(configuration: Configuration, client: Client) -> Iterator[ExpectedCluster]:
    scope = configuration.scope(client)
    for service in scope.within("*"):
        if service.alias_of and configuration.is_since(1, 21):
            continue
        choice = chosen(configuration, client, service)
        for port in service.ports:
            if port.protocol.family is not Family.UDP and scope.service(service.host, port.number) == service:
                yield from _of_port(configuration, client, service, port, choice)


def _by_server_name(one: ExpectedCluster) -> ExpectedCluster:
    """Its twin, to which a gateway passes TLS on by the server name alone. Old control planes have one on each gateway, later
    ones where a server is AUTO_PASSTHROUGH; the proxy tells.
    """
    named = parse_cluster(one.name)
    facts = {field: value for field, value in (one.facts or {}).items() if not field.startswith(_ENCRYPTED)}
    name = str(replace(named, sni_dnat=True)) if named else one.name
    return ExpectedCluster(name, f"{one.of}, by its server name", facts)


def _of_port(
    configuration: Configuration, client: Client, service: MeshService, port: Port, choice: Choice
) -> Iterator[ExpectedCluster]:
    policy = whole_policy(configuration, choice.rules).policy
    made_of = f"{service}, port {port.number}"
    facts = _facts(configuration, client, service, port, for_port(policy, port.number))
    yield ExpectedCluster(str(ClusterName("outbound", port.number, "", service.host)), made_of, facts)
    known: set[str] = set()
    for rule in choice.rules:
        for subset in rule.value.spec.subsets:
            if subset.name not in known:
                known.add(subset.name)
                name = str(ClusterName("outbound", port.number, subset.name, service.host))
                keeps = configuration.knows(BUDGET_BESIDE_SUBSETS)
                asked = for_subset(policy, subset.traffic_policy, port.number, keeps_budget=keeps)
                facts = _facts(configuration, client, service, port, asked)
                yield ExpectedCluster(name, f"{made_of}, subset {subset.name} of {rule}", facts)


def _facts(
    configuration: Configuration,
    client: Client,
    service: MeshService,
    port: Port,
    policy: TrafficPolicy | None,
) -> Facts:
    """With the defaults of the version under what the policy says."""
    kind = TYPES.get(service.resolution, service.resolution)
    said = made_facts(configuration, client, port.protocol, policy)
    if said.get("lb_policy") == "CLUSTER_PROVIDED":  # PASSTHROUGH
        kind = "ORIGINAL_DST"
    defaults = {
        "type": kind,
        "lb_policy": default_balancer(configuration),
        "connect_timeout": connect_timeout(configuration),
    }
    facts = {**defaults, **said}
    if facts["lb_policy"] == "RING_HASH":
        facts.setdefault("ring_hash_lb_config.minimum_ring_size", "1024")
    if kind == "ORIGINAL_DST":
        facts["lb_policy"] = "CLUSTER_PROVIDED"
    return {**_ENVOYS, **facts} if "outlier_detection" in facts else facts


def _inbound_facts(configuration: Configuration, client: Client, port: InboundPort) -> Facts | None:
    """To the workload itself: the limits of the rule for its own Service count there, too. Between 1.4 and 1.14 they became
    clusters of the original destination; since when is not known here.
    """
    if configuration.is_since(1, 5) and not configuration.is_since(1, 14):
        return None
    limits = inbound_limits(configuration, client, port).policy
    is_static = port.ingress is not None or not configuration.is_since(1, 14)
    return {
        "type": "STATIC" if is_static else "ORIGINAL_DST",
        "lb_policy": "ROUND_ROBIN" if is_static else "CLUSTER_PROVIDED",
        "connect_timeout": connect_timeout(configuration),
        **made_facts(configuration, client, port.protocol, limits, is_inbound=True),
    }


def connect_timeout(configuration: Configuration) -> str:
    """The mesh's. Where its settings are not known, istiod has its default."""
    known = configuration.captured_settings
    if known is None and not configuration.is_since(1, 5):
        return "1s"
    return envoy_duration((known or configuration.settings).connect_timeout)
