"""The ends of a request before a host is selected: maintenance mode, dropped overload, circuit breakers of size 0.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#runtime
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
Whether any other circuit breaker is open depends on run-time data, which no configuration contains.
"""

from __future__ import annotations

from meshscope.simulation.connection import Envoy
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.runtime_fraction import runtime_value
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


def closed_circuit(cluster: Cluster, priority: str, *, http: bool = True) -> End | None:
    """The end for routes of this priority if a breaker has size 0. `max_connections: 0` still allows one connection."""
    breaker = next((t for t in cluster.circuit_breakers.thresholds if t.priority == priority), Thresholds())
    if breaker.max_pending_requests == 0 or (http and breaker.max_requests == 0):
        details = "upstream_reset_before_response_started{overflow}"
        return End(Disposition.OVERLOAD, Response(code=503 if http else 0, flags="UO", details=details if http else ""))
    return None
