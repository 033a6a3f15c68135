"""What limits the connections that a sidecar makes to its own workload: the clusters `inbound|PORT||`.

The connection pool is that of the Sidecar's listener, else of the Sidecar, else of the DestinationRule for the workload's own
Service; one with a workloadSelector does not count. Of other settings the budget of retries counts, and nothing else.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_builder.go (buildInboundCluster)
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clients import Client
from meshscope.effect.clusters.choice import Rule, chosen
from meshscope.effect.clusters.policy import for_port
from meshscope.effect.clusters.whole_policy import WholePolicy, whole_policy
from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import InboundPort
from meshscope.istio.objects.connection_pool import ConnectionPoolSettings
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.version_gates import BUDGET_BESIDE_SUBSETS


class InboundLimits(Struct, frozen=True):
    """`policy` has what counts. `rule` is the DestinationRule for the workload's Service, and `asked` what that says. `sidecar`
    is what has a connection pool in its place, "" where nothing has.
    """

    policy: TrafficPolicy | None = None
    rule: Rule | None = None
    asked: TrafficPolicy | None = None
    sidecar: str = ""


def inbound_limits(configuration: Configuration, client: Client, port: InboundPort) -> InboundLimits:
    whole = _whole(configuration, client, port.host)
    rule, own = whole.first, for_port(whole.policy, port.number)
    asked = TrafficPolicy(connection_pool=own.connection_pool, retry_budget=own.retry_budget) if own else None
    sidecar, pool = _of_sidecar(configuration, client, port)
    if pool is None:
        return InboundLimits(asked, rule, asked)
    policy = replace(asked or TrafficPolicy(), connection_pool=pool)
    if not configuration.knows(BUDGET_BESIDE_SUBSETS):
        policy = replace(policy, retry_budget=None)
    return InboundLimits(policy, rule, asked, sidecar)


def _whole(configuration: Configuration, client: Client, host: str) -> WholePolicy:
    """Of a Service that the proxy is told of."""
    service = configuration.scope(client).first(host) if host else None
    rules = chosen(configuration, client, service, is_inbound=True).rules if service else ()
    return whole_policy(configuration, rules)


def _of_sidecar(
    configuration: Configuration, client: Client, port: InboundPort
) -> tuple[str, ConnectionPoolSettings | None]:
    sidecar = configuration.scope(client).sidecar
    if sidecar is None or not configuration.is_since(1, 21):
        return "", None
    if port.ingress is not None and port.ingress.connection_pool is not None:
        return port.of, port.ingress.connection_pool
    return f"{sidecar}, inboundConnectionPool", sidecar.value.spec.inbound_connection_pool
