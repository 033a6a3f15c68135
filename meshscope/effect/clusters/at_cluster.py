"""A cluster of a proxy against what a traffic policy asks of it, and against the labels of a subset."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.clusters.expected import VERIFICATION, Facts, policy_facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.effect.clusters.hashing import hash_differences, wanted_key
from meshscope.effect.clusters.locality import locality_differences
from meshscope.effect.clusters.subset_endpoints import selection_problem
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.services import MeshService
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.labels import Labels
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.traffic_policy import PortTrafficPolicy, TrafficPolicy
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
    located = locality_differences(configuration, client, cluster, policy)
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


def hashed(  # noqa: PLR0913, PLR0917  # a cluster and its policies
    configuration: Configuration,
    client: Client,
    service: MeshService,
    port: int,
    outcome: Outcome,
    asked: TrafficPolicy | None,
    *written: TrafficPolicy | None,
) -> Outcome:
    """The outcome of a cluster to which a route leads by another key than its consistent hash has. Settings of the port itself,
    in one of the policies that `asked` is of, count only for routes that name the port, which is not asked here.
    """
    known = service.port(port)
    levels = [level for one in written if one for level in one.port_level_settings]
    if outcome.made is None or known is None or any(_is_for(level, port) for level in levels):
        return outcome
    found: list[Difference] = []
    for is_tcp, families in ((False, (Family.HTTP, Family.AUTO)), (True, (Family.TCP, Family.TLS, Family.AUTO))):
        if known.protocol.family in families and (not is_tcp or configuration.is_since(1, 14)):
            wanted = wanted_key(asked, is_tcp=is_tcp)
            found += hash_differences(configuration.mesh, client, outcome.name, wanted, is_tcp=is_tcp)
    if not found:
        return outcome
    because = "; ".join(map(str, (*outcome.differences, *found)[:3]))
    return replace(outcome, state=State.PARTLY, because=because, differences=(*outcome.differences, *found))


def _is_for(one: PortTrafficPolicy, port: int) -> bool:
    return one.port is not None and one.port.number == port


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
    """What the policy asks and the cluster has not; an outlier detection or a mode of TLS that it does not ask."""
    for field, value in mine.items():
        if theirs.get(field, "") != value and not _is_of_passthrough(field, service):
            yield Difference(field, value, theirs.get(field, ""))
    if VERIFICATION in theirs and VERIFICATION not in mine and mine.get("tls") in _VERIFIED and verifies:
        yield Difference(VERIFICATION, "", theirs[VERIFICATION])
    if "outlier_detection" in theirs and "outlier_detection" not in mine:
        yield Difference("outlier_detection", "", "on")


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
