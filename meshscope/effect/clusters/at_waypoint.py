"""A DestinationRule at a waypoint: the clusters of the services that are reached through it.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_waypoint.go : they lead on by HBONE, so that what a
rule says of TLS counts for hosts outside of the mesh alone, which is not modelled; nor is the protocol.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clients import Client
from meshscope.effect.clusters.at_cluster import at_cluster
from meshscope.effect.clusters.choice import Choice, Rule, first_with
from meshscope.effect.clusters.policy import for_port, for_subset
from meshscope.effect.clusters.whole_policy import whole_policy
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.effect.services import MeshService, Port
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.connection_pool import ConnectionPoolSettings
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.protocol import Family
from meshscope.path import Path

_PROTOCOLS = {Family.HTTP: ("http",), Family.TCP: ("tcp",), Family.TLS: ("tcp",), Family.AUTO: ("tcp", "http")}
_POLICY: Path = ("spec", "trafficPolicy")


def waypoint_outcomes(
    configuration: Configuration, one: Rule, client: Client, service: MeshService, choice: Choice
) -> Iterator[Outcome]:
    """Of a rule that the waypoint takes for the service."""
    whole = whole_policy(configuration, choice.rules)
    policy = whole.policy
    if one.value.spec.traffic_policy is not None and (because := whole.why_not_of(one)):
        yield Outcome(_POLICY, State.NOT_IN_EFFECT, because)
    elif one.value.spec.traffic_policy is not None:
        for port, name in _names(service, ""):
            if because := whole.why_lost(one, port.number):
                yield Outcome(_POLICY, State.NOT_IN_EFFECT, because, kind=CLUSTER, name=str(name))
                continue
            asked = for_port(policy, port.number)
            yield _open(at_cluster(configuration, client, service, name, _POLICY, _here(asked)), asked)
    for index, subset in enumerate(one.value.spec.subsets):
        path: Path = ("spec", "subsets", index)
        if first := first_with(choice, subset.name, one, index):
            yield Outcome(path, State.NOT_IN_EFFECT, f"{first} has a subset {subset.name} before it")
            continue
        for port, name in _names(service, subset.name):
            asked = for_subset(policy, subset.traffic_policy, port.number)
            yield _open(at_cluster(configuration, client, service, name, path, _here(asked)), asked)


def _names(service: MeshService, subset: str) -> Iterator[tuple[Port, ClusterName]]:
    """Sniffed ports have one for each protocol."""
    for port in service.ports:
        for protocol in _PROTOCOLS.get(port.protocol.family, ()):
            yield port, ClusterName("inbound-vip", port.number, subset, service.host, protocol)


def _open(outcome: Outcome, asked: TrafficPolicy | None) -> Outcome:
    """HBONE is mutual TLS already; any other mode would be for a host outside of the mesh."""
    if outcome.state is not State.IN_EFFECT or asked is None:
        return outcome
    what = f"TLS mode {asked.tls.mode}" if asked.tls and asked.tls.mode != "ISTIO_MUTUAL" else ""
    what = what or ("proxyProtocol" if asked.proxy_protocol else "")
    because = f"{what} at a waypoint is not modelled; the rest is as {outcome.because}"
    return replace(outcome, state=State.UNKNOWN, because=because) if what else outcome


def _here(policy: TrafficPolicy | None) -> TrafficPolicy | None:
    if policy is None:
        return None
    pool = policy.connection_pool
    http = replace(pool.http, h2_upgrade_policy="", use_client_protocol=False) if pool and pool.http else None
    plain = ConnectionPoolSettings(tcp=pool.tcp, http=http) if pool else None
    return replace(policy, tls=None, proxy_protocol=None, connection_pool=plain)
