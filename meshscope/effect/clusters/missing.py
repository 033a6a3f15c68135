"""Why a proxy does not have a cluster to which a route leads; istiod names it in the route whether or not it exists."""

from __future__ import annotations

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Rule, chosen, host_of
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import MeshService
from meshscope.istio.hosts import is_within
from meshscope.istio.names import ClusterName, parse_cluster


def why_missing(configuration: Configuration, client: Client, name: str) -> str:
    """The part of the name that nothing makes: host, port or subset."""
    cluster = parse_cluster(name)
    if cluster is None:
        return f"cluster {name} does not exist"
    services = configuration.services.named(cluster.host)
    if not services:
        return f"no service has the host {cluster.host}"
    if not any(service.port(cluster.port or 0) for service in services):
        return f"{services[0]} has no port {cluster.port}"
    return (
        _of_subset(configuration, client, services[0], cluster) if cluster.subset else f"cluster {name} does not exist"
    )


def _of_subset(configuration: Configuration, client: Client, service: MeshService, cluster: ClusterName) -> str:
    taken = chosen(configuration, client, service).rules
    if any(_has(rule, cluster.subset) for rule in taken):
        return f"cluster {cluster} does not exist, though {taken[0]} has the subset"
    for rule in configuration.destination_rules:
        if is_within(cluster.host, host_of(rule)) and _has(rule, cluster.subset):
            return f"{rule} has subset {cluster.subset}, and is not a rule that this proxy takes"
    return f"no DestinationRule has subset {cluster.subset} of {cluster.host}"


def _has(rule: Rule, name: str) -> bool:
    return any(subset.name == name for subset in rule.value.spec.subsets)
