"""The ends of a request around the choice of a host: maintenance mode, dropped overload, circuit breakers of size 0.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#runtime
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
Whether any other circuit breaker is open depends on run-time data, which no configuration contains.
"""

from __future__ import annotations

from meshscope.simulation.connection import Envoy
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, End
from meshscope.simulation.runtime_fraction import runtime_integer, runtime_value
from meshscope.simulation.trace import Response
from meshscope.xds.cluster import Cluster, Thresholds
from meshscope.xds.endpoint import Policy
from meshscope.xds.message import Undecodable, decode, present
from meshscope.xds.route_match import FractionalPercent


def maintenance_mode(cluster: Cluster, envoy: Envoy) -> tuple[float, End]:
    """The share of requests that `upstream.maintenance_mode.CLUSTER` ends, and their end."""
    value = runtime_value(envoy.runtime, f"upstream.maintenance_mode.{cluster.name}")
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    share = min(100.0, max(0.0, float(value))) / 100 if isinstance(value, int | float) else 0.0
    return share, End(Disposition.OVERLOAD, Response(code=503, flags="UO", details="maintenance_mode"))


def drop_overload(policy: Policy) -> tuple[float, End]:
    """The share of requests that `drop_overloads` drops, and their end; each entry drops a share of the remaining ones."""
    remaining = 1.0
    for drop in policy.drop_overloads:
        percent = (
            decode(drop.drop_percentage, FractionalPercent) if present(drop.drop_percentage) else FractionalPercent()
        )
        remaining *= 1.0 if isinstance(percent, Undecodable) else 1.0 - percent.share
    flags, details = ("UDO", "unconditional_drop_overload") if remaining == 0 else ("DO", "drop_overload")
    return 1.0 - remaining, End(Disposition.OVERLOAD, Response(code=503, flags=flags, details=details))


def closed_circuit(cluster: Cluster, priority: str, envoy: Envoy, *, http: bool = True) -> End | None:
    """The end once a host of this cluster is selected, for routes of this priority, if a breaker has size 0.

    A connection pool opens one connection even with `max_connections: 0`. Only pools of HTTP count as
    `max_connection_pools`, and a request without one has no upstream.
    """
    if not http:
        pending = _limit(cluster, priority, "max_pending_requests", envoy)
        return End(Disposition.OVERLOAD, Response(code=0, flags="URX")) if pending == 0 else None
    if _limit(cluster, priority, "max_connection_pools", envoy) == 0:
        return NO_HEALTHY_UPSTREAM
    if 0 in (_limit(cluster, priority, field, envoy) for field in ("max_pending_requests", "max_requests")):
        details = "upstream_reset_before_response_started{overflow}"
        return End(Disposition.OVERLOAD, Response(code=503, flags="UO", details=details))
    return None


def no_connections(cluster: Cluster, envoy: Envoy) -> End | None:
    """The end of a TCP proxy's connection if the cluster allows none at all; no host is asked for. Of an aggregate its own
    limit counts, not its members'.
    """
    if _limit(cluster, "DEFAULT", "max_connections", envoy) == 0:
        return End(Disposition.OVERLOAD, Response(code=0, flags="UO"))
    return None


def _limit(cluster: Cluster, priority: str, field: str, envoy: Envoy) -> int:
    """Runtime `circuit_breakers.CLUSTER.PRIORITY.FIELD` stands in for the threshold; -1 where nothing is configured."""
    thresholds = (one for one in cluster.circuit_breakers.thresholds if one.priority == priority)
    configured = getattr(next(thresholds, Thresholds()), field)
    key = f"circuit_breakers.{cluster.name}.{priority.lower()}.{field}"
    return runtime_integer(envoy.runtime, key, -1 if configured is None else configured)
