"""A cluster of a proxy against what a traffic policy asks of it, and against the labels of a subset."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.clusters.connection_limits import HTTP2, PROTOCOL, of_protocol
from meshscope.effect.clusters.expected import OF_RULES, VERIFICATION, Facts, policy_facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.effect.clusters.hashing import chain_differences, route_differences, wanted_keys, wanted_of_connections
from meshscope.effect.clusters.locality import locality_differences
from meshscope.effect.clusters.made_facts import made_facts
from meshscope.effect.clusters.policy import for_subset
from meshscope.effect.clusters.subset_endpoints import selection_problem
from meshscope.effect.clusters.tcp_proxies import proxy_differences
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.services import MeshService, Port
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.path import Path
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable

_VERIFIED = ("SIMPLE", "MUTUAL")


def at_cluster(  # noqa: PLR0913, PLR0917  # a cluster and what it is held against
    configuration: Configuration,
    client: Client,
    service: MeshService,
    wanted: ClusterName,
    path: Path,
    policy: TrafficPolicy | None,
) -> Outcome:
    name, subset = str(wanted), wanted.subset
    mine = policy_facts(policy)
    words = _words(mine)
    resource = client.proxy.resource(CLUSTER, name)
    if resource is None:
        if not client.proxy.account.knows_all(CLUSTER):
            return Outcome(path, State.UNKNOWN, "not all clusters of the proxy were captured", expected=words)
        because = f"the proxy has no cluster {name}"
        if subset and service.resolution in ("DNS", "DNS_ROUND_ROBIN"):
            because += ": no endpoint of the ServiceEntry has the subset's labels"
        return Outcome(path, State.NOT_IN_EFFECT, because, expected=words, kind=CLUSTER, name=name)
    cluster = client.proxy.read(resource, Cluster)
    if isinstance(cluster, Undecodable):
        return Outcome(path, State.UNKNOWN, f"cluster {name} does not read: {cluster.why}", expected=words)
    theirs = cluster_facts(cluster)
    mine = of_protocol(mine, theirs.get(PROTOCOL, ""))
    words = _words(mine)
    if PROTOCOL not in mine:
        mine |= _unasked_protocol(
            configuration, client, service.port(wanted.port or 0), policy, theirs.get(PROTOCOL, "")
        )
    located = locality_differences(configuration, client, service, cluster, policy)
    found = (*_differences(mine, theirs, service, verifies=_verifies(configuration, policy)), *located)
    state = State.PARTLY if found else State.IN_EFFECT
    because = "; ".join(map(str, found[:3])) if found else f"cluster {name}"
    actual = _words({field: theirs.get(field, "") for field in mine})
    return Outcome(
        path,
        state,
        because,
        expected=words,
        actual=actual,
        differences=found,
        made=resource.location,
        kind=CLUSTER,
        name=name,
    )


def _unasked_protocol(
    configuration: Configuration, client: Client, port: Port | None, policy: TrafficPolicy | None, actual: str
) -> Facts:
    """The protocol of the port, where the cluster speaks HTTP/2 and should not, or should and does not."""
    if port is None or client.kind == "waypoint":
        return {}
    spoken = made_facts(configuration, client, port.protocol, policy).get(PROTOCOL, "")
    return {PROTOCOL: spoken} if spoken != actual and HTTP2 in (spoken, actual) else {}


def led_to(  # noqa: PLR0913  # a cluster and its policies
    configuration: Configuration,
    client: Client,
    service: MeshService,
    outcome: Outcome,
    *,
    wanted: ClusterName,
    whole: TrafficPolicy | None,
    subset: TrafficPolicy | None = None,
) -> Outcome:
    """The outcome of a cluster to which a route or a filter chain leads in another way than the rule says: by the key of its
    consistent hash, or with the times and the tunnel of raw connections.
    """
    port = wanted.port or 0
    known = service.port(port)
    if outcome.made is None or known is None:
        return outcome
    family, found = known.protocol.family, list[Difference]()
    if family in (Family.HTTP, Family.AUTO):
        found += route_differences(configuration, client, wanted, wanted_keys(whole, subset, port))
    if family is not Family.HTTP and configuration.is_since(1, 14):
        key = wanted_of_connections(whole, subset)
        found += chain_differences(configuration.mesh, client, outcome.name, key)
    if family is not Family.HTTP:
        own = (subset or TrafficPolicy()) if wanted.subset else None
        asked = for_subset(whole, subset, port)
        found += proxy_differences(configuration.mesh, client, outcome.name, whole, own, asked)
    if not found:
        return outcome
    because = "; ".join(map(str, (*outcome.differences, *found)[:3]))
    return replace(outcome, state=State.PARTLY, because=because, differences=(*outcome.differences, *found))


def selecting(
    configuration: Configuration, client: Client, service: MeshService, labels: Labels, outcome: Outcome
) -> Outcome:
    """The outcome of a subset whose labels do not select its endpoints."""
    resource = client.proxy.resource(CLUSTER, outcome.name) if outcome.state is State.IN_EFFECT else None
    cluster = client.proxy.read(resource, Cluster) if resource else None
    if not isinstance(cluster, Cluster):
        return outcome
    problem = selection_problem(configuration, client, service, cluster, labels)
    return replace(outcome, state=problem[0], because=problem[1]) if problem else outcome


def _differences(mine: Facts, theirs: Facts, service: MeshService, *, verifies: bool) -> Iterator[Difference]:
    """What the policy asks and the cluster has not; what a cluster has by a policy alone, and this one does not ask."""
    for field, value in mine.items():
        if theirs.get(field, "") != value and not _is_of_passthrough(field, service):
            yield Difference(field, value, theirs.get(field, ""))
    if VERIFICATION in theirs and VERIFICATION not in mine and mine.get("tls") in _VERIFIED and verifies:
        yield Difference(VERIFICATION, "", theirs[VERIFICATION])
    for field in OF_RULES:
        if field in theirs and field not in mine:
            yield Difference(field, "", theirs[field])


def _verifies(configuration: Configuration, policy: TrafficPolicy | None) -> bool:
    """Whether istiod surely has a server's certificate verified: against the rule's own roots, since 1.24 else the system's."""
    tls = policy.tls if policy else None
    if tls is None or tls.insecure_skip_verify:
        return False
    has_roots = bool(tls.ca_certificates or tls.credential_name)
    return has_roots or (configuration.version is not None and configuration.is_since(1, 24))


def _is_of_passthrough(field: str, service: MeshService) -> bool:
    """Clusters that send to the original destination balance nothing."""
    return field == "lb_policy" and service.resolution in ("Passthrough", "NONE", "")


def _words(facts: Facts) -> str:
    return ", ".join(f"{field} {value}" for field, value in facts.items()) or "the cluster"
