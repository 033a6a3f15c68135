"""DestinationRule: its policy and its subsets against the clusters of each proxy.

https://istio.io/latest/docs/reference/config/networking/destination-rule/
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.cluster_set import unknown_service
from meshscope.effect.clusters.at_cluster import at_cluster, led_to, selecting
from meshscope.effect.clusters.at_inbound import inbound_outcomes
from meshscope.effect.clusters.at_waypoint import waypoint_outcomes
from meshscope.effect.clusters.choice import Choice, Rule, chosen, export_to, first_with, host_of, selects
from meshscope.effect.clusters.policy import for_port, for_subset
from meshscope.effect.clusters.whole_policy import whole_policy
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.waypoint_places import serves
from meshscope.effect.outcome import Outcome, of_fields
from meshscope.effect.services import MeshService
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.export_to import reach
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.mesh.owners import owner_of
from meshscope.path import Path
from meshscope.xds.cluster import Cluster

POLICY: Path = ("spec", "trafficPolicy")
WHOLE: Path = ("spec",)
SUBSETS: Path = ("spec", "subsets")


def rules(value: DestinationRule) -> Iterator[Path]:
    """The policy and each subset; a rule without either is one as a whole."""
    if value.spec.traffic_policy is not None:
        yield POLICY
    yield from (("spec", "subsets", index) for index in range(len(value.spec.subsets)))
    if value.spec.traffic_policy is None and not value.spec.subsets:
        yield WHOLE


def outcomes(configuration: Configuration, one: Rule, client: Client) -> Iterator[Outcome]:
    if client.kind == "waypoint":
        yield from _at_waypoint(configuration, one, client)
        return
    if client.kind not in ("sidecar", "gateway"):
        yield from _everywhere(one, State.UNKNOWN, f"clusters of a {client.kind} are not modelled")
        return
    if not selects(one, client):
        yield from _everywhere(
            one, State.NOT_IN_EFFECT, "its workloadSelector does not select the proxy", is_meant=False
        )
        return
    services = configuration.scope(client).within(host_of(one))
    if not services:
        yield from _without_service(configuration, one, client)
    for service in services:
        choice = chosen(configuration, client, service)
        if not any(other.item is one.item for other in choice.rules):
            yield from _not_chosen(configuration, one, client, service, choice)
        elif service.alias_of and configuration.is_since(1, 21):
            because = f"{service} is an alias of {service.alias_of} and has no cluster"
            yield from _everywhere(one, State.NOT_IN_EFFECT, because)
        else:
            yield from _of_service(configuration, one, client, service, choice)
            yield from _of_old_subsets(one, client, service, choice)
    yield from inbound_outcomes(configuration, one, client)


def _everywhere(one: Rule, state: State, because: str, *, is_meant: bool = True) -> Iterator[Outcome]:
    for path in rules(one.value):
        yield Outcome(path, state, because, is_meant=is_meant)


def _without_service(configuration: Configuration, one: Rule, client: Client) -> Iterator[Outcome]:
    host, scope = host_of(one), configuration.scope(client)
    known = next(configuration.services.within(host), None)
    if known is None and (because := unknown_service(configuration.mesh, host)):
        yield from _everywhere(one, State.UNKNOWN, because)
    elif known is None:
        yield from _everywhere(one, State.NOT_IN_EFFECT, f"no service has the host {host}")
    elif not scope.exported(known.host):
        because = f"{known} is not exported to namespace {client.namespace}"
        yield from _everywhere(one, State.NOT_IN_EFFECT, because, is_meant=False)
    else:
        because = f"{scope.sidecar or 'the Sidecar'} does not import {known.host}"
        yield from _everywhere(one, State.NOT_IN_EFFECT, because, is_meant=False)


def _not_chosen(
    configuration: Configuration, one: Rule, client: Client, service: MeshService, choice: Choice
) -> Iterator[Outcome]:
    """Another rule won, or this one is not for the proxies of that namespace."""
    root = configuration.settings.root_namespace
    if one.namespace not in (client.namespace, service.namespace, root):
        because = (
            f"for {service.host} proxies of namespace {client.namespace} look into their own namespace,"
            f" {service.namespace} and {root}, not into {one.namespace}"
        )
        yield from _everywhere(one, State.NOT_IN_EFFECT, because, is_meant=False)
        return
    to = export_to(configuration, one)
    if one.namespace != client.namespace and reach(to, one.namespace, client.namespace) is None:
        because = f"it is exported to {', '.join(to)}, not to namespace {client.namespace}"
        yield from _everywhere(one, State.NOT_IN_EFFECT, because, is_meant=False)
        return
    winner = choice.rules[0] if choice.rules else None
    because = f"{winner} applies to {service.host} ({_reason(one, winner, choice)})" if winner else "no rule applies"
    yield from _everywhere(one, State.NOT_IN_EFFECT, because)


def _reason(one: Rule, winner: Rule, choice: Choice) -> str:
    if winner.namespace != one.namespace:
        return choice.because
    if winner.value.spec.workload_selector is not None:
        return "it selects the workload"
    if host_of(winner) == host_of(one):
        return "its exportTo is another one, so that istiod does not merge them, and the last one counts"
    return f"its host {winner.value.spec.host} is more specific"


# --- clusters ------------------------------------------------------------------------------------------------------


def _of_service(
    configuration: Configuration, one: Rule, client: Client, service: MeshService, choice: Choice
) -> Iterator[Outcome]:
    whole = whole_policy(configuration, choice.rules)
    policy = whole.policy
    scope = configuration.scope(client)
    proxied = [port.number for port in service.ports if port.protocol.family is not Family.UDP]
    ports = [port for port in proxied if scope.service(service.host, port) == service]
    if one.value.spec.traffic_policy is not None and (because := whole.why_not_of(one)):
        yield Outcome(POLICY, State.NOT_IN_EFFECT, because)
    elif one.value.spec.traffic_policy is not None:
        for port in ports:
            if because := whole.why_lost(one, port):
                yield Outcome(POLICY, State.NOT_IN_EFFECT, because, kind=CLUSTER, name=str(_named(service, port)))
                continue
            asked = for_port(policy, port)
            name = _named(service, port)
            outcome = at_cluster(configuration, client, service, name, POLICY, asked)
            outcome = of_fields(outcome, whole.fields_of(one, port)) if len(whole.makers) > 1 else outcome
            yield led_to(configuration, client, service, outcome, wanted=name, whole=policy)
        yield from _of_missing_ports(one.value.spec.traffic_policy, service)
    elif not one.value.spec.subsets:
        yield from (at_cluster(configuration, client, service, _named(service, port), WHOLE, None) for port in ports)
    for index, subset in enumerate(one.value.spec.subsets):
        path: Path = ("spec", "subsets", index)
        if first := first_with(choice, subset.name, one, index):
            yield Outcome(path, State.NOT_IN_EFFECT, f"{first} has a subset {subset.name} before it")
            continue
        for port in ports:
            asked = for_subset(policy, subset.traffic_policy, port)
            name, own = _named(service, port, subset.name), subset.traffic_policy
            outcome = at_cluster(configuration, client, service, name, path, asked)
            outcome = led_to(configuration, client, service, outcome, wanted=name, whole=policy, subset=own)
            yield selecting(configuration, client, service, subset.labels, outcome)


def _named(service: MeshService, port: int, subset: str = "") -> ClusterName:
    return ClusterName("outbound", port, subset, service.host)


def _at_waypoint(configuration: Configuration, one: Rule, client: Client) -> Iterator[Outcome]:
    """For the services that are reached through it; it asks for rules as a client in its own namespace."""
    for service in configuration.services.within(host_of(one)):
        choice = chosen(configuration, client, service)
        if not serves(configuration, client, service):
            because = f"{service} is not reached through this waypoint"
            yield from _everywhere(one, State.NOT_IN_EFFECT, because, is_meant=False)
        elif not any(other.item is one.item for other in choice.rules):
            yield from _not_chosen(configuration, one, client, service, choice)
        else:
            yield from waypoint_outcomes(configuration, one, client, service, choice)


def _of_old_subsets(one: Rule, client: Client, service: MeshService, choice: Choice) -> Iterator[Outcome]:
    """Clusters of subsets that no rule has any more; istiod notes on each which rule it is of."""
    known = {subset.name for rule in choice.rules for subset in rule.value.spec.subsets}
    for port in service.ports:
        for name in client.subsets(service.host, port.number) - known:
            resource = client.proxy.resource(CLUSTER, str(ClusterName("outbound", port.number, name, service.host)))
            cluster = client.proxy.read(resource, Cluster) if resource else None
            owner = owner_of(cluster.metadata) if isinstance(cluster, Cluster) else None
            if owner and resource and (owner.namespace, owner.name) == (one.namespace, one.item.name):
                because = f"cluster {resource.name} is made of it, and no subset asks for it"
                yield Outcome(SUBSETS, State.PARTLY, because, made=resource.location, kind=CLUSTER, name=resource.name)


def _of_missing_ports(policy: TrafficPolicy, service: MeshService) -> Iterator[Outcome]:
    for setting in policy.port_level_settings:
        if setting.port and service.port(setting.port.number) is None:
            because = f"portLevelSettings are for port {setting.port.number}, which {service.host} does not have"
            yield Outcome(POLICY, State.PARTLY, because)
